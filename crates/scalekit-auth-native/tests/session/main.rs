//! The session with its real platform against `scalekit-dev`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::wildcard_enum_match_arm)]

mod commands;
mod configuration;
mod faults;
mod invitations;
mod parameters;
mod program;
mod protected;
mod refresh_policy;
mod self_check;
mod ways;

use std::{
    sync::atomic::Ordering,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use program::{ADA, Memory, Program, configuration, within_timeout};
use scalekit_auth::{ProblemCode, RefreshView, SessionView, SignInIntent, TokenUnavailable};
use scalekit_dev::{Endpoint, Environment, InjectedFault, Settings, Times, TokenKind};

async fn environment() -> Environment {
    Environment::start(Settings::default()).await.unwrap()
}

#[tokio::test]
async fn sign_in_completes_and_stores_refresh_token() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.flush().await;
    assert_eq!(memory.refresh_token(), environment.live_refresh_token_of(ADA));
    assert_eq!(program.fronts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn sign_up_sends_prompt_create() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.requests(SignInIntent::SignUp).await;
    let page = program.page().await;
    assert!(page.query_pairs().any(|(name, value)| name == "prompt" && value == "create"));
}

#[tokio::test]
async fn callback_on_cold_start_waits_for_configuration() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    let page = program.begins().await;
    let link = environment.sign_in_as(ADA, page.as_str()).unwrap();
    program.ends().await;

    let program = Program::start(&memory);
    program.follows(&link);
    program.session.configure(Some(configuration(&environment)));
    assert_eq!(program.user().await, "Ada Lovelace");
}

#[tokio::test]
async fn restart_loads_session_and_sends_no_token_request() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.ends().await;
    let requests = environment.requests().len();
    let program = Program::at(&environment, &memory);
    assert_eq!(program.user().await, "Ada Lovelace");
    let requests_before = environment.requests();
    assert!(requests_before[requests..].iter().all(|request| request.path != "/oauth/token"));
}

#[tokio::test]
async fn access_token_expiry_refreshes_and_stores_rotated_token() {
    let settings =
        Settings { access_token_lifetime: Duration::from_secs(2), ..Settings::default() };
    let (environment, memory) = (Environment::start(settings).await.unwrap(), Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    within_timeout(environment.wait_for("/oauth/token", 2)).await;
    environment.set_access_token_lifetime(Duration::from_secs(299));
    program.shows(scheduled_in_some_minutes).await;
    program.session.flush().await;
    assert_eq!(memory.refresh_token(), environment.live_refresh_token_of(ADA));
    let refreshes = environment.token_requests("refresh_token");
    assert!(refreshes.iter().all(|request| request.status == Some(200)));
}

#[tokio::test]
async fn rotated_refresh_token_survives_kill_after_refresh() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    let before = environment.live_refresh_token_of(ADA);
    program.session.refresh();
    within_timeout(environment.wait_for("/oauth/token", 2)).await;
    program.shows(scheduled).await;
    program.session.flush().await;
    program.dies().await;
    assert_ne!(memory.refresh_token(), before);
    assert_eq!(memory.refresh_token(), environment.live_refresh_token_of(ADA));
}

// req: X2
#[tokio::test]
async fn refresh_connection_dropped_once_ends_no_session() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    environment.inject_fault(Endpoint::Token, InjectedFault::DropBefore, Times::Once);
    program.session.refresh();
    within_timeout(environment.wait_for("/oauth/token", 3)).await;
    program.shows(scheduled).await;
    program.session.flush().await;
    assert_eq!(memory.refresh_token(), environment.live_refresh_token_of(ADA));
}

// req: A8
#[tokio::test]
async fn repeated_callback_sends_one_token_request() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    let page = program.begins().await;
    let link = environment.sign_in_as(ADA, page.as_str()).unwrap();
    program.follows(&link);
    program.follows(&link);
    program.user().await;
    program.follows(&link);
    program.session.sign_in_link().await;
    assert_eq!(environment.requests_to("/oauth/token").len(), 1);
}

// req: B6
#[tokio::test]
async fn callback_flood_with_wrong_state_is_ignored() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    let page = program.begins().await;
    for number in 0..1000 {
        program.follows(&format!("io.latchkey.desktop://callback?code=x&state=wrong{number}"));
    }
    program.waits().await;
    assert_eq!(program.fronts.load(Ordering::SeqCst), 0);
    program.follows(&environment.sign_in_as(ADA, page.as_str()).unwrap());
    program.user().await;
    assert_eq!(environment.requests_to("/oauth/token").len(), 1);
}

#[tokio::test]
async fn access_denied_is_reported() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    let page = program.begins().await;
    program.follows(&environment.deny(page.as_str()).unwrap());
    let problem = program.shows(problem).await;
    assert_eq!(problem, ProblemCode::AccessDenied);
    assert!(environment.requests_to("/oauth/token").is_empty());
}

#[tokio::test]
async fn cancelled_sign_in_late_callback_sends_no_token_request() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    let page = program.begins().await;
    program.session.cancel_sign_in();
    assert!(program.nobody().await.is_none());
    program.follows(&environment.sign_in_as(ADA, page.as_str()).unwrap());
    program.session.sign_in_link().await;
    assert!(environment.requests_to("/oauth/token").is_empty());
}

#[tokio::test]
async fn id_token_signed_by_untrusted_key_is_rejected() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    environment.inject_fault(Endpoint::Token, InjectedFault::WrongKey, Times::Once);
    let page = program.begins().await;
    program.follows(&environment.sign_in_as(ADA, page.as_str()).unwrap());
    assert_eq!(program.shows(problem).await, ProblemCode::AnswerRejected);
    program.session.flush().await;
    assert_eq!(memory.refresh_token(), None);
}

#[tokio::test]
async fn sign_out_clears_keychain_and_opens_logout_page() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.sign_out(scalekit_auth::SignOutScope::SharedSession).unwrap();
    assert!(program.nobody().await.is_none());
    program.session.flush().await;
    assert_eq!(memory.refresh_token(), None);
    let page = program.page().await;
    assert_eq!(page.path(), "/oidc/logout");
    assert!(page.query_pairs().any(|(name, _)| name == "id_token_hint"));
}

// req: F1
#[tokio::test]
async fn sign_out_while_offline_clears_the_keychain() {
    let (mut environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    environment.go_offline().await;
    program.session.sign_out(scalekit_auth::SignOutScope::SharedSession).unwrap();
    assert!(program.nobody().await.is_none());
    assert_eq!(memory.refresh_token(), None);
}

#[tokio::test]
async fn unfinished_sign_in_times_out_and_ignores_callback() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::start(&memory);
    let mut configuration = configuration(&environment);
    configuration.sign_in_wait = Duration::from_millis(500);
    program.session.configure(Some(configuration));
    let page = program.begins().await;
    assert_eq!(program.shows(problem).await, ProblemCode::SignInTimedOut);
    program.follows(&environment.sign_in_as(ADA, page.as_str()).unwrap());
    program.session.sign_in_link().await;
    assert!(environment.requests_to("/oauth/token").is_empty());
}

#[tokio::test]
async fn sign_in_without_configuration_starts_nothing() {
    let program = Program::start(&Memory::default());
    program.session.configure(None);
    program.shows(|view| matches!(view, SessionView::NotConfigured).then_some(())).await;
    program.session.sign_in(SignInIntent::SignIn).unwrap();
    assert!(program.session.sign_in_link().await.is_none());
}

#[tokio::test]
async fn discovery_issuer_mismatch_is_reported_as_renamed() {
    let (environment, memory) = (environment().await, Memory::default());
    let program = Program::start(&memory);
    let mut configuration = configuration(&environment);
    let elsewhere = environment.url().replace("127.0.0.1", "localhost");
    configuration.environment = scalekit_auth::EnvironmentUrl::parse(&elsewhere).unwrap();
    program.session.configure(Some(configuration));
    program.requests(SignInIntent::SignIn).await;
    assert_eq!(program.shows(problem).await, ProblemCode::EnvironmentRenamed);
}

fn get(environment: &Environment, path: &str) -> http::Request<Vec<u8>> {
    http::Request::get(format!("{}{path}", environment.url())).body(Vec::new()).unwrap()
}

/// Makes the next access tokens invalid for every service.
fn spoils_access_tokens(environment: &Environment, times: Times) {
    let token = TokenKind::Access;
    let (claim, value) = ("iss".to_owned(), "https://elsewhere.example".into());
    environment.inject_fault(
        Endpoint::Token,
        InjectedFault::WrongClaim { token, claim, value },
        times,
    );
}

// req: E1
#[tokio::test]
async fn http_401_on_200_concurrent_requests_refreshes_once() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    spoils_access_tokens(&environment, Times::Once);
    program.signs_in(&environment).await;
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let (session, request) = (program.session.clone(), get(&environment, "/api/me"));
            tokio::spawn(async move { session.send(request).await.unwrap().status })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), 200);
    }
    assert_eq!(environment.token_requests("refresh_token").len(), 1);
}

#[tokio::test]
async fn service_request_carries_the_access_token() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    let response = program.session.send(get(&environment, "/api/me")).await.unwrap();
    assert_eq!(response.status, 200);
    assert!(environment.token_requests("refresh_token").is_empty());
}

// req: E14
#[tokio::test]
async fn http_401_twice_is_returned_after_one_refresh() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    spoils_access_tokens(&environment, Times::Always);
    program.signs_in(&environment).await;
    let response = program.session.send(get(&environment, "/api/me")).await.unwrap();
    assert_eq!(response.status, 401);
    assert_eq!(environment.requests_to("/api/me").len(), 2);
    assert_eq!(environment.token_requests("refresh_token").len(), 1);
}

#[tokio::test]
async fn access_token_request_when_signed_out_is_rejected() {
    let (environment, memory) = (environment().await, Memory::default());
    let program = Program::at(&environment, &memory);
    assert_eq!(program.session.access_token().await.unwrap_err(), TokenUnavailable::NotSignedIn);
}

#[tokio::test]
async fn access_token_request_after_sign_out_is_rejected() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.flush().await;
    assert!(program.session.access_token().await.is_ok());
    program.session.sign_out(scalekit_auth::SignOutScope::SharedSession).unwrap();
    assert_eq!(program.session.access_token().await.unwrap_err(), TokenUnavailable::NotSignedIn);
}

// req: E6
#[tokio::test]
async fn refresh_in_flight_at_exit_is_completed_and_stored() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.flush().await;
    let before = memory.refresh_token();
    let slow = InjectedFault::delay(Duration::from_millis(300));
    environment.inject_fault(Endpoint::Token, slow, Times::Once);
    program.session.refresh();
    within_timeout(environment.wait_for_arrival("/oauth/token", 2)).await;
    program.ends().await;
    assert_ne!(memory.refresh_token(), before);
    assert_eq!(memory.refresh_token(), environment.live_refresh_token_of(ADA));
}

#[tokio::test]
async fn exit_waits_for_responses_lock_keychain_and_files() {
    let (environment, memory) = (environment().await, Memory::default());
    let program = Program::at(&environment, &memory);
    // 20 seconds for each response, 15 for the lock, for each of three operations of the keychain, and for the files.
    let longest = Duration::from_secs(3 * 20 + 15 + 3 * 15 + 15);
    assert_eq!(program.session.max_write_duration(), longest);
}

// req: E6
#[tokio::test]
async fn refresh_continues_after_its_caller_is_cancelled() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    spoils_access_tokens(&environment, Times::Once);
    program.signs_in(&environment).await;
    program.session.flush().await;
    let before = memory.refresh_token();
    let slow = InjectedFault::delay(Duration::from_millis(300));
    environment.inject_fault(Endpoint::Token, slow, Times::Once);
    let (session, request) = (program.session.clone(), get(&environment, "/api/me"));
    let caller = tokio::spawn(async move { session.send(request).await.map(drop) });
    within_timeout(environment.wait_for_arrival("/oauth/token", 2)).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    program.session.flush().await;
    assert_ne!(memory.refresh_token(), before);
    assert_eq!(memory.refresh_token(), environment.live_refresh_token_of(ADA));
}

// req: E2
#[tokio::test]
async fn concurrent_refresh_by_two_sessions_sends_one_request() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut one = Program::at(&environment, &memory);
    one.signs_in(&environment).await;
    one.session.flush().await;
    let other = Program::at(&environment, &memory);
    other.user().await;
    for round in 1..=5 {
        let newest = environment.token_requests("refresh_token").len() + 1;
        one.session.refresh();
        other.session.refresh();
        // The task processes commands in order, so after this one the view includes the refresh.
        tokio::join!(one.session.sign_in_link(), other.session.sign_in_link());
        tokio::join!(one.shows(scheduled), other.shows(scheduled));
        assert_eq!(environment.token_requests("refresh_token").len(), newest, "round {round}");
    }
}

fn scheduled(view: &SessionView) -> Option<()> {
    let SessionView::SignedIn { refresh: RefreshView::Scheduled { .. }, .. } = view else {
        return None;
    };
    Some(())
}

fn scheduled_in_some_minutes(view: &SessionView) -> Option<()> {
    let SessionView::SignedIn { refresh: RefreshView::Scheduled { at }, .. } = view else {
        return None;
    };
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    (*at > (since_1970 + Duration::from_secs(60)).as_secs_f64() * 1000.0).then_some(())
}

fn problem(view: &SessionView) -> Option<ProblemCode> {
    let SessionView::SignedOut { problem: Some(problem), .. } = view else { return None };
    Some(problem.code)
}

/// Another process has locked the entry of the pending sign-in, such as while its keychain prompts the user.
#[tokio::test]
async fn locked_sign_in_entry_does_not_delay_the_refreshed_session() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.flush().await;
    let is_of_sign_in = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("sign-in-") && name.ends_with(".entry.lock")
    };
    let files = std::fs::read_dir(memory.folder()).unwrap();
    let path = files.map(|entry| entry.unwrap().path()).find(is_of_sign_in).unwrap();
    let of_another_process = std::fs::File::options().write(true).open(path).unwrap();
    of_another_process.lock().unwrap();
    let slow = InjectedFault::delay(Duration::from_millis(500));
    environment.inject_fault(Endpoint::Token, slow, Times::Once);
    program.session.refresh();
    within_timeout(environment.wait_for_arrival("/oauth/token", 2)).await;
    program.session.sign_in(SignInIntent::SignIn).unwrap();
    within_timeout(program.session.exit()).await;
    program.dies().await;
    assert_eq!(memory.refresh_token(), environment.live_refresh_token_of(ADA));
}
