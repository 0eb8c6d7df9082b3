//! The user actions in the browser: sign-in, sign-up, choice of an organization, cancellation.

use std::sync::Arc;

use axum::{
    extract::{RawForm, RawQuery, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    Pairs, ids, pages,
    provider_state::{Entrant, Pending, ProviderState, Shared, numbered, pairs},
    users::User,
};

pub async fn sign_in_page(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Response {
    shown(&shared, query, |id, pending| pages::sign_in(id, pending, None))
}

pub async fn sign_up_page(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Response {
    shown(&shared, query, |id, pending| pages::sign_up(id, pending, None))
}

pub async fn company_page(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Response {
    let users = shared.world().users.clone();
    shown(&shared, query, |id, pending| pages::company(id, pending, &users))
}

pub async fn organization_page(
    State(shared): State<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Response {
    let users = shared.world().users.clone();
    shown(&shared, query, |id, pending| {
        let user = users.iter().find(|user| Some(&user.id) == pending.user.as_ref());
        user.map_or_else(pages::stale, |user| pages::organization(id, pending, user))
    })
}

pub async fn sign_in(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    worked_on(&shared, &headers, &form, |world, id, pending, form| {
        let by_mail = form.contains_key("passwordless");
        let email = form.get("email").map(|email| email.trim()).unwrap_or_default();
        let password = form.get("password").map_or("", String::as_str);
        let user = world
            .user(email)
            .filter(|user| !user.password.is_empty() && (by_mail || user.password == password))
            .cloned();
        let Some(user) = user else {
            let wrong = "The e-mail address or the password is wrong.";
            return Err(pages::sign_in(id, pending, Some((email, wrong))));
        };
        if by_mail {
            world.send_sign_in_mail(id, &user);
            return Err(pages::mail_sent(&user));
        }
        came_through(world, id, ids::PASSWORD_CONNECTION);
        Ok(user)
    })
}

/// The link of a sign-in mail: it signs in the browser that opens it, which need not be the one with the sign-in page.
pub async fn magic_link(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let world = &mut *shared.world();
    let opened = query.get("token").and_then(|token| world.open_sign_in_mail(token));
    let Some((id, mut user)) = opened else { return pages::stale() };
    // A user with the e-mail controls the address.
    user.email_verified = true;
    if let Some(stored) = world.users.iter_mut().find(|stored| stored.id == user.id) {
        stored.email_verified = true;
    }
    came_through(world, &id, ids::PASSWORDLESS_CONNECTION);
    admitted(world, &headers, &id, &user)
}

pub async fn sign_up(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    worked_on(&shared, &headers, &form, |world, id, pending, form| {
        let get = |name: &str| form.get(name).map(|value| value.trim()).unwrap_or_default();
        let (name, email, password) = (get("name"), get("email"), get("password"));
        let refused = if name.is_empty() || !email.contains('@') || password.len() < 8 {
            Some("Enter a name, an e-mail address, and a password of at least 8 characters.")
        } else if world.user(email).is_some() {
            Some("There is an account with this e-mail address already. Sign in instead.")
        } else {
            None
        };
        if let Some(why) = refused {
            return Err(pages::sign_up(id, pending, Some((name, email, why))));
        }
        came_through(world, id, ids::PASSWORD_CONNECTION);
        let mut user = User::newcomer(numbered("usr_"), numbered("org_"), name, email);
        password.clone_into(&mut user.password);
        world.users.push(user.clone());
        Ok(user)
    })
}

/// The sign-in page of an enterprise or social provider: it accepts any user.
pub async fn company(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    worked_on(&shared, &headers, &form, |world, _, _, form| {
        let email = form.get("email").map_or("", String::as_str);
        world.user(email).cloned().ok_or_else(pages::stale)
    })
}

pub async fn organization(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    worked_on(&shared, &headers, &form, |world, id, pending, form| {
        let user = pending.user.as_deref().unwrap_or_default();
        if let Some(invited_to) = form.get("join")
            && !world.join(user, invited_to)
        {
            return Err(pages::stale());
        }
        let wanted = form.get("join").or_else(|| form.get("organization_id"));
        if let (Some(wanted), Some(waiting)) = (wanted, world.pending.get_mut(id)) {
            waiting.request.organization = Some(wanted.clone());
        }
        world.user_by_id(user).cloned().ok_or_else(pages::stale)
    })
}

/// Records the connection that was used, regardless of the requested one.
fn came_through(world: &mut ProviderState, id: &str, connection: &str) {
    if let Some(waiting) = world.pending.get_mut(id) {
        connection.clone_into(&mut waiting.connection);
    }
}

/// The page of a pending request.
fn shown(
    shared: &Shared,
    query: Option<String>,
    page: impl FnOnce(&str, &Pending) -> Response,
) -> Response {
    let query = pairs(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let world = shared.world();
    let id = query.get("request").map_or("", String::as_str);
    world.pending.get(id).map_or_else(pages::stale, |pending| page(id, pending))
}

/// Processes a form of a pending request: from the authenticated user to the next page.
fn worked_on(
    shared: &Shared,
    headers: &HeaderMap,
    form: &[u8],
    who: impl FnOnce(&mut ProviderState, &str, &Pending, &Pairs) -> Result<User, Response>,
) -> Response {
    let form = pairs(&String::from_utf8_lossy(form)).unwrap_or_default();
    let world = &mut *shared.world();
    let id = form.get("request").cloned().unwrap_or_default();
    let Some(pending) = world.pending.get(&id).cloned() else { return pages::stale() };
    // The form must come from a page of this environment.
    if form.get("form_token") != Some(&pending.form_token) {
        return pages::stale();
    }
    if form.contains_key("cancel") {
        world.pending.remove(&id);
        let denied = pending.request.refusal("access_denied", "The user said no");
        return Redirect::to(&denied).into_response();
    }
    let user = match who(world, &id, &pending, &form) {
        Ok(user) => user,
        Err(page) => return page,
    };
    admitted(world, headers, &id, &user)
}

/// From the authenticated user of a pending request to the next page.
fn admitted(world: &mut ProviderState, headers: &HeaderMap, id: &str, user: &User) -> Response {
    let Some(pending) = world.pending.get_mut(id) else { return pages::stale() };
    pending.user = Some(user.id.clone());
    let wanted = pending.request.organization.clone();
    let membership = match (&wanted, &user.memberships[..]) {
        (Some(wanted), all) => all.iter().find(|one| one.organization == *wanted),
        (None, [only]) if !pending.select || user.invitations.is_empty() => Some(only),
        (None, _) => return Redirect::to(&format!("/organization?request={id}")).into_response(),
    };
    let Some(membership) = membership else {
        let location = pending.request.refusal("access_denied", "Not a member of the organization");
        world.pending.remove(id);
        return Redirect::to(&location).into_response();
    };
    let Pending { request, connection, fresh, .. } = pending.clone();
    world.pending.remove(id);
    let cookie = pages::cookie(headers);
    let entrant = Entrant { user, membership, connection: &connection, fresh };
    let (location, cookie) = world.let_in(&entrant, &request, cookie.as_deref());
    pages::leave(&location, &cookie)
}
