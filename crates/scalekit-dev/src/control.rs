//! Fault injection over HTTP, for scripts.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::Deserialize;

use crate::{
    faults::{Endpoint, InjectedFault, Times},
    provider_state::Shared,
    record::RecordedRequest,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FaultRequest {
    endpoint: Endpoint,
    fault: InjectedFault,
    times: Times,
}

#[derive(Deserialize)]
struct Lifetime {
    seconds: u64,
}

#[derive(Deserialize)]
struct UserSelector {
    email: String,
}

#[derive(Deserialize)]
struct UserStatus {
    email: String,
    active: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApplicationStatus {
    client_id: String,
    active: bool,
}

pub fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/requests", get(requests))
        .route("/faults", put(inject_fault).delete(clear_faults))
        .route("/lifetime", post(lifetime))
        .route("/rotate-keys", post(rotate_keys))
        .route("/end-sessions", post(end_sessions))
        .route("/user-status", post(user_status))
        .route("/application-status", post(application_status))
        .layer(middleware::from_fn(not_from_a_page))
}

/// Any web page could send requests to this computer; such requests have an `Origin`.
async fn not_from_a_page(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let named = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if headers.contains_key(header::ORIGIN) || !matches!(named, "127.0.0.1" | "localhost") {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn requests(State(shared): State<Arc<Shared>>) -> Json<Vec<RecordedRequest>> {
    Json(shared.record.all())
}

async fn inject_fault(State(shared): State<Arc<Shared>>, Json(request): Json<FaultRequest>) {
    shared.world().inject_fault(request.endpoint, request.fault, request.times);
}

async fn clear_faults(State(shared): State<Arc<Shared>>) {
    shared.world().faults.clear();
}

async fn lifetime(State(shared): State<Arc<Shared>>, Json(lifetime): Json<Lifetime>) {
    shared.world().settings.access_token_lifetime = Duration::from_secs(lifetime.seconds);
}

async fn rotate_keys(State(shared): State<Arc<Shared>>) {
    shared.world().keys.rotate();
}

async fn end_sessions(State(shared): State<Arc<Shared>>, Json(user): Json<UserSelector>) {
    shared.world().sessions.end_all_of(&user.email);
}

async fn user_status(State(shared): State<Arc<Shared>>, Json(status): Json<UserStatus>) {
    shared.world().set_user_active(&status.email, status.active);
}

async fn application_status(
    State(shared): State<Arc<Shared>>,
    Json(status): Json<ApplicationStatus>,
) {
    shared.world().set_application_active(&status.client_id, status.active);
}
