//! Authorization requests: all checks, in the order that determines who receives the error.

use std::collections::HashMap;

use crate::{
    faults::InjectedFault,
    provider_state::ProviderState,
    settings::Application,
    users::{Connection, Kind},
};

/// An authorization request that has passed all checks.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    pub client_id: String,
    pub redirect_uri: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub scope: Vec<String>,
    pub code_challenge: Option<String>,
    pub organization: Option<String>,
    /// The connection to use, if the request determines one.
    pub connection: Option<&'static str>,
    /// Whether no other connection is permitted.
    pub only_by_it: bool,
    pub login_hint: Option<String>,
    pub max_age: Option<u64>,
    /// `iss` of the authorization response, if any.
    issuer: Option<String>,
    /// The fragment of the authorization response.
    fragment: Option<String>,
}

/// The result of the checks.
pub enum Verdict {
    /// The redirect URI is not trusted: the user sees the reason on a page.
    Page(String),
    /// The client receives an error response (RFC 6749 §4.1.2.1): the URL of the redirect.
    Refused(String),
    /// The request is valid.
    Accepted(Box<AuthorizationRequest>, Prompt),
}

/// The prompt that the client requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    Usual,
    Login,
    Create,
    SelectAccount,
    Nothing,
}

/// An error code and its description.
type Refusal = (&'static str, &'static str);

impl AuthorizationRequest {
    /// The redirect URI with the authorization response (RFC 6749 §4.1.2).
    pub fn redirect(&self, pairs: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        if let Some(issuer) = &self.issuer {
            query.append_pair("iss", issuer);
        }
        let fragment = self.fragment.as_ref().map(|text| format!("#{text}")).unwrap_or_default();
        format!("{}?{}{fragment}", self.redirect_uri, query.finish())
    }

    /// The error response.
    pub fn refusal(&self, error: &str, description: &str) -> String {
        self.redirect(&[("error", error), ("error_description", description)])
    }
}

/// The parameters of the request. A parameter without a value is treated as absent (RFC 6749 §3.1).
struct Parameters(HashMap<String, Vec<String>>);

impl Parameters {
    fn read(query: &str) -> Self {
        let mut all: HashMap<String, Vec<String>> = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if !value.is_empty() {
                all.entry(name.into_owned()).or_default().push(value.into_owned());
            }
        }
        Self(all)
    }

    /// `None` also for a repeated parameter.
    fn get(&self, name: &str) -> Option<&str> {
        match self.0.get(name).map(Vec::as_slice) {
            Some([only]) => Some(only),
            Some(_) | None => None,
        }
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    fn repeated(&self) -> bool {
        self.0.values().any(|values| values.len() > 1)
    }
}

/// Validates a request to a host with this issuer.
pub fn validate(
    world: &ProviderState,
    query: &str,
    issuer: &str,
    fault: Option<&InjectedFault>,
) -> Verdict {
    let parameters = Parameters::read(query);
    let (application, redirect_uri) = match client(world, &parameters) {
        Ok(client) => client,
        Err(why) => return Verdict::Page(why),
    };
    let mut request = AuthorizationRequest {
        client_id: application.client_id.clone(),
        redirect_uri,
        state: parameters.owned("state"),
        nonce: parameters.owned("nonce"),
        scope: parameters.get("scope").unwrap_or_default().split(' ').map(str::to_owned).collect(),
        code_challenge: parameters.owned("code_challenge"),
        organization: parameters.owned("organization_id"),
        connection: None,
        only_by_it: false,
        login_hint: parameters.owned("login_hint"),
        max_age: None,
        issuer: world.settings.options.issuer_in_callbacks.then(|| issuer.to_owned()),
        fragment: None,
    };
    match fault {
        Some(InjectedFault::Refuse { error, description, without_state }) => {
            if *without_state {
                request.state = None;
            }
            let description = description.as_deref().unwrap_or_default();
            return Verdict::Refused(request.refusal(error, description));
        }
        Some(InjectedFault::Fragment { fragment }) => request.fragment = Some(fragment.clone()),
        _ => {}
    }
    match check(world, &application, &parameters, &mut request) {
        Ok(prompt) => Verdict::Accepted(Box::new(request), prompt),
        Err((error, description)) => Verdict::Refused(request.refusal(error, description)),
    }
}

fn client(world: &ProviderState, parameters: &Parameters) -> Result<(Application, String), String> {
    let client_id = parameters.get("client_id").ok_or("invalid_client: There is no client_id")?;
    let application = world
        .settings
        .application(client_id)
        .ok_or_else(|| format!("invalid_client: The client {client_id} is not registered"))?;
    let redirect_uri =
        parameters.get("redirect_uri").ok_or("invalid_redirect_uri: There is no redirect_uri")?;
    // RFC 9700 §2.1: exact string matching, except for the port of a loopback redirect URI if that option is on.
    let any_port = world.settings.options.any_loopback_port;
    let is_registered = |one: &String| {
        one == redirect_uri
            || (any_port && without_loopback_port(redirect_uri).as_ref() == Some(one))
    };
    if !application.redirect_uris.iter().any(is_registered) {
        return Err(format!("invalid_redirect_uri: {redirect_uri} is not registered"));
    }
    Ok((application, redirect_uri.to_owned()))
}

/// RFC 8252 §7.3.
fn without_loopback_port(redirect_uri: &str) -> Option<String> {
    let (port, path) = redirect_uri.strip_prefix("http://127.0.0.1:")?.split_once('/')?;
    port.parse::<u16>().ok().map(|_| format!("http://127.0.0.1/{path}"))
}

fn check(
    world: &ProviderState,
    application: &Application,
    parameters: &Parameters,
    request: &mut AuthorizationRequest,
) -> Result<Prompt, Refusal> {
    if world.inactive_applications.contains(&application.client_id) {
        return Err(("application_not_active", "The application is not active"));
    }
    if parameters.repeated() {
        return Err(("invalid_request", "A parameter is there twice"));
    }
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => {
            return Err(("unsupported_response_type", "Only the response type code is supported"));
        }
        None => return Err(("invalid_request", "There is no response_type")),
    }
    if parameters.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(("invalid_request", "Only the response mode query is supported"));
    }
    if parameters.get("request").is_some() {
        return Err(("request_not_supported", "Request objects are not supported"));
    }
    if parameters.get("request_uri").is_some() {
        return Err(("request_uri_not_supported", "Request objects are not supported"));
    }
    if !request.scope.iter().any(|scope| scope == "openid") {
        return Err(("invalid_scope", "The scope openid is missing"));
    }
    challenge(application, parameters)?;
    if let Some(age) = parameters.get("max_age") {
        let age = age.parse().map_err(|_| ("invalid_request", "max_age is not a number"))?;
        request.max_age = Some(age);
    }
    route(world, parameters, request)?;
    prompt(parameters)
}

/// RFC 7636 §4.4.1; Scalekit enforces PKCE for native applications.
fn challenge(application: &Application, parameters: &Parameters) -> Result<(), Refusal> {
    let method = parameters.get("code_challenge_method");
    match parameters.get("code_challenge") {
        None if application.secret.is_some() && method.is_none() => Ok(()),
        Some(challenge) if method == Some("S256") && challenge.len() == 43 => Ok(()),
        Some(_) | None => Err(("invalid_request", "A code_challenge with S256 is required")),
    }
}

/// The connection to use, by the first of: provider, connection, organization, domain, hint.
fn route(
    world: &ProviderState,
    parameters: &Parameters,
    request: &mut AuthorizationRequest,
) -> Result<(), Refusal> {
    let known = |organization: &str| {
        let mut places = world.users.iter().flat_map(|user| &user.memberships);
        places.any(|one| one.organization == organization)
    };
    if let Some(organization) = &request.organization
        && !known(organization)
    {
        return Err(("invalid_organization_id", "Invalid organization ID"));
    }
    let domain = parameters.get("domain").or_else(|| parameters.get("domain_hint"));
    let domain = domain.and_then(Connection::of_domain);
    let connection = if let Some(provider) = parameters.get("provider") {
        let unknown = ("invalid_request", "The provider is not known");
        Some(Connection::of_provider(provider).ok_or(unknown)?)
    } else if let Some(id) = parameters.get("connection_id") {
        let unknown = ("invalid_connection_id", "Invalid connection ID");
        Some(Connection::of_id(id).ok_or(unknown)?)
    } else {
        let by_organization = request.organization.as_deref().and_then(Connection::of_organization);
        let by_hint = || Connection::of_domain(request.login_hint.as_deref()?.split_once('@')?.1);
        by_organization.or(domain).or_else(by_hint)
    };
    let modular = world.settings.options.modular_sso;
    if modular && !connection.is_some_and(|one| matches!(one.kind, Kind::Enterprise { .. })) {
        let what = "There are no active SSO connections configured to process the request";
        return Err(("no_active_connections", what));
    }
    request.connection = connection.map(|one| one.id);
    request.only_by_it =
        ["provider", "connection_id"].iter().any(|one| parameters.get(one).is_some())
            || (domain.is_some() && request.organization.is_none());
    Ok(())
}

/// OpenID Connect Core §3.1.2.1: a list, in which `none` must be alone.
fn prompt(parameters: &Parameters) -> Result<Prompt, Refusal> {
    let values: Vec<&str> = parameters
        .get("prompt")
        .unwrap_or_default()
        .split(' ')
        .filter(|one| !one.is_empty())
        .collect();
    let known = ["none", "login", "create", "select_account", "consent"];
    if values.iter().any(|one| !known.contains(one)) {
        return Err(("invalid_request", "The prompt is not supported"));
    }
    let has = |value: &str| values.contains(&value);
    Ok(if has("none") {
        if values.len() > 1 {
            return Err(("invalid_request", "The prompt none stands alone"));
        }
        Prompt::Nothing
    } else if has("create") {
        Prompt::Create
    } else if has("login") {
        Prompt::Login
    } else if has("select_account") {
        Prompt::SelectAccount
    } else {
        // No consent is requested: the applications are the customer's own.
        Prompt::Usual
    })
}
