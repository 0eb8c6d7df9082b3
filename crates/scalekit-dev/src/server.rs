//! The server: its listener, and the processing of a request before and after its endpoint.

use std::{
    convert::Infallible,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderValue, Response, header},
    routing::{get, post},
};
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};
use tower::ServiceExt;

use crate::{
    StartError, api, authorize, claims, control,
    faults::{Endpoint, InjectedFault},
    hosted, initiate_login, logout, pages,
    provider_state::Shared,
    record::RecordedRequest,
    resource, services, sign_in, token,
};

/// The maximum size of a request body, in bytes.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Accepts connections until it is stopped or dropped.
pub struct Server {
    pub port: u16,
    task: Option<JoinHandle<()>>,
}

/// The faults of a token response, which the endpoint applies.
#[derive(Clone, Default)]
pub struct ActiveFault(pub Option<InjectedFault>);

/// The connection is closed without a response.
#[derive(Debug, thiserror::Error)]
#[error("dropped on purpose")]
struct Dropped;

pub async fn bind(port: u16) -> Result<(TcpListener, u16), StartError> {
    let failed = |why| StartError::Port { port, why };
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}

impl Server {
    pub fn start(listener: TcpListener, port: u16, shared: Arc<Shared>) -> Self {
        let task = Some(tokio::spawn(accept(listener, shared)));
        Self { port, task }
    }

    /// Closes the port and drops every connection.
    pub async fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            // Waits until the task has ended, so that the port is free.
            let _ = task.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let router = router(Arc::clone(&shared));
    // Dropped with this task, and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((connection, _)) = accepted else { continue };
                let (router, shared) = (router.clone(), Arc::clone(&shared));
                connections.spawn(async move {
                    let service = service_fn(move |request| {
                        exchange(router.clone(), Arc::clone(&shared), request)
                    });
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(connection), service)
                        .await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/.well-known/openid-configuration", get(authorize::discovery))
        .route("/resources/{id}/.well-known/oauth-authorization-server", get(resource::metadata))
        .route("/keys", get(token::keys))
        .route("/keys/{name}", get(token::keys))
        .route("/oauth/authorize", get(authorize::authorize).post(authorize::authorize_by_form))
        .route("/oauth/token", post(token::token))
        .route("/oauth/introspect", post(services::introspect))
        .route("/userinfo", get(services::user_info).post(services::user_info))
        .route("/revoke", post(services::revoke))
        .route("/oidc/logout", get(logout::logout).post(logout::logout_by_form))
        .route("/ui/", get(hosted::home))
        .route("/ui/profile/passkeys", get(hosted::passkeys))
        .route("/ui/sign-out", post(hosted::sign_out))
        .route("/sign-in", get(sign_in::sign_in_page).post(sign_in::sign_in))
        .route("/sign-up", get(sign_in::sign_up_page).post(sign_in::sign_up))
        .route("/organization", get(sign_in::organization_page).post(sign_in::organization))
        .route("/sso", get(sign_in::company_page).post(sign_in::company))
        .route("/portal", get(initiate_login::portal))
        .route("/mails", get(initiate_login::mails))
        .route("/mail-link", get(initiate_login::mail_link))
        .route("/magic-link", get(sign_in::magic_link))
        .route("/login-link", get(initiate_login::login_link))
        .route("/pictures/ada.png", get(api::picture))
        .route("/api/me", get(api::me))
        .route("/api/reports", get(api::reports))
        .route("/api/audits", get(api::audits))
        .nest("/_dev", control::router())
        .with_state(shared)
}

/// Processes one request, from its record to its response.
async fn exchange(
    router: Router,
    shared: Arc<Shared>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(|_| Dropped)?.to_bytes();
    let mut record = recorded(&parts, &body, began);
    shared.record.arrives(&record.method, &record.path);
    let fault =
        Endpoint::of(parts.uri.path()).and_then(|endpoint| shared.world().faults.take(endpoint));
    let mut request = Request::from_parts(parts, Body::from(body));
    let outcome = match fault {
        Some(InjectedFault::DropBefore) => Err(Dropped),
        Some(InjectedFault::DropAfterCommit) => {
            respond(router, request).await;
            Err(Dropped)
        }
        Some(InjectedFault::Delay { milliseconds }) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            Ok(respond(router, request).await)
        }
        Some(InjectedFault::Header { name, value }) => {
            Ok(with_header(respond(router, request).await, &name, &value))
        }
        Some(InjectedFault::Member { member, value }) => {
            with_member(respond(router, request).await, &member, value.as_ref()).await
        }
        other => match other.as_ref().and_then(instead) {
            Some(instead) => Ok(instead),
            None => {
                request.extensions_mut().insert(ActiveFault(other));
                Ok(respond(router, request).await)
            }
        },
    };
    record.took = began.elapsed();
    record.status = outcome.as_ref().ok().map(|response| response.status().as_u16());
    // Requests to the control endpoints are not recorded.
    if !record.path.starts_with("/_dev/") {
        shared.record.add(record);
    }
    outcome
}

async fn respond(router: Router, request: Request) -> Response<Body> {
    match router.oneshot(request).await {
        Ok(mut response) => {
            // RFC 9110 §6.6.1.
            let date = httpdate_now();
            response.headers_mut().insert(header::DATE, date);
            response
        }
        Err(never) => match never {},
    }
}

fn with_header(mut response: Response<Body>, name: &str, value: &str) -> Response<Body> {
    if let (Ok(name), Ok(value)) =
        (header::HeaderName::try_from(name), HeaderValue::try_from(value))
    {
        response.headers_mut().insert(name, value);
    }
    response
}

async fn with_member(
    response: Response<Body>,
    member: &str,
    value: Option<&serde_json::Value>,
) -> Result<Response<Body>, Dropped> {
    let (mut parts, body) = response.into_parts();
    let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    let mut document = serde_json::from_slice(&body).map_err(|_| Dropped)?;
    claims::change(&mut document, member, value);
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::from(document.to_string())))
}

fn httpdate_now() -> HeaderValue {
    let now = httpdate::fmt_http_date(std::time::SystemTime::now());
    HeaderValue::from_str(&now).unwrap_or(HeaderValue::from_static(""))
}

/// The response that replaces the endpoint's.
fn instead(fault: &InjectedFault) -> Option<Response<Body>> {
    let with = |status: u16, headers: &[(header::HeaderName, &str)], body: Body| {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, *value);
        }
        response.body(body).ok()
    };
    match fault {
        InjectedFault::Status { status, retry_after: Some(wait) } => {
            with(*status, &[(header::RETRY_AFTER, wait)], Body::empty())
        }
        InjectedFault::Status { status, retry_after: None } => with(*status, &[], Body::empty()),
        InjectedFault::Body { status, content_type, body } => {
            with(*status, &[(header::CONTENT_TYPE, content_type)], Body::from(body.clone()))
        }
        InjectedFault::Huge => {
            let piece = Bytes::from(vec![b' '; 64 * 1024]);
            let endless = stream::repeat(piece).map(Ok::<_, Infallible>);
            with(200, &[JSON], Body::from_stream(endless))
        }
        InjectedFault::Slow => {
            let drops = stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Some((Ok::<_, io::Error>(Bytes::from_static(b" ")), ()))
            });
            with(200, &[JSON], Body::from_stream(drops))
        }
        InjectedFault::OauthError { error, description } => {
            let body = serde_json::json!({"error": error, "error_description": description});
            let status = if error == "invalid_client" { 401 } else { 400 };
            with(status, &[JSON], Body::from(body.to_string()))
        }
        InjectedFault::RateLimited { retry_after } => {
            let body = serde_json::json!({
                "error_code": "RATE_LIMITED",
                "message": "Too many requests to this environment",
            });
            let wait = retry_after.as_deref().map(|wait| (header::RETRY_AFTER, wait));
            let headers: Vec<_> = [JSON].into_iter().chain(wait).collect();
            with(429, &headers, Body::from(body.to_string()))
        }
        InjectedFault::Redirect { location, status } => {
            with(*status, &[(header::LOCATION, location)], Body::empty())
        }
        InjectedFault::Delay { .. }
        | InjectedFault::DropBefore
        | InjectedFault::DropAfterCommit
        | InjectedFault::WrongClaim { .. }
        | InjectedFault::MissingClaim { .. }
        | InjectedFault::WrongKey
        | InjectedFault::UnknownKey
        | InjectedFault::Header { .. }
        | InjectedFault::Member { .. }
        | InjectedFault::TokenHeader { .. }
        | InjectedFault::Algorithm { .. }
        | InjectedFault::Refuse { .. }
        | InjectedFault::Fragment { .. }
        | InjectedFault::Unsigned
        | InjectedFault::Old { .. }
        | InjectedFault::LoseRefreshToken => None,
    }
}

const JSON: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/json");

fn recorded(parts: &axum::http::request::Parts, body: &[u8], began: Instant) -> RecordedRequest {
    let pairs = |text: &[u8]| url::form_urlencoded::parse(text).into_owned().collect();
    RecordedRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(|query| pairs(query.as_bytes())).unwrap_or_default(),
        form: if is_form(&parts.headers) { pairs(body) } else { Vec::new() },
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect(),
        status: None,
        began,
        took: Duration::ZERO,
    }
}

/// Whether the body is a form.
pub fn is_form(headers: &axum::http::HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}
