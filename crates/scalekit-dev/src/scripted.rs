//! A scripted user and browser without pages, for tests of the requests before and after them.

use url::Url;

use crate::{
    ids,
    provider_state::{Entrant, Shared},
    request::{AuthorizationRequest, Verdict, validate},
};

/// The reason the script fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The environment would have shown this error on a page.
    #[error("{0}")]
    Page(String),
    /// No user has this e-mail address.
    #[error("Nobody has this e-mail address")]
    Nobody,
}

pub fn sign_in(shared: &Shared, email: &str, authorize_url: &str) -> Result<String, ScriptError> {
    let request = match validated(shared, authorize_url)? {
        Ok(request) => request,
        Err(location) => return Ok(location),
    };
    let world = &mut *shared.world();
    let user = world.user(email).cloned().ok_or(ScriptError::Nobody)?;
    let wanted = request.organization.as_ref();
    let membership = user
        .memberships
        .iter()
        .find(|one| wanted.is_none_or(|wanted| one.organization == *wanted))
        .ok_or(ScriptError::Nobody)?;
    let connection = request.connection.unwrap_or(ids::PASSWORD_CONNECTION);
    let entrant = Entrant { user: &user, membership, connection, fresh: true };
    Ok(world.let_in(&entrant, &request, None).0)
}

pub fn deny(shared: &Shared, authorize_url: &str) -> Result<String, ScriptError> {
    Ok(match validated(shared, authorize_url)? {
        Ok(request) => request.redirect(&[("error", "access_denied")]),
        Err(location) => location,
    })
}

/// The request, or the URL of its error response.
fn validated(
    shared: &Shared,
    authorize_url: &str,
) -> Result<Result<AuthorizationRequest, String>, ScriptError> {
    let url = Url::parse(authorize_url).map_err(|why| ScriptError::Page(why.to_string()))?;
    let world = &mut *shared.world();
    let issuer = world.issuer(url.host_str());
    let fault = world.faults.take_of_authorize();
    match validate(world, url.query().unwrap_or_default(), &issuer, fault.as_ref()) {
        Verdict::Page(why) => Err(ScriptError::Page(why)),
        Verdict::Refused(location) => Ok(Err(location)),
        Verdict::Accepted(request, _) => Ok(Ok(*request)),
    }
}
