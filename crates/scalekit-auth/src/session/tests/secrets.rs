//! Tests of the `Debug` output of events and effects.

use url::Url;
use zeroize::Zeroizing;

use crate::session::tests::harness::*;
use crate::{
    configuration::LoopbackPort,
    fingerprint::SessionId,
    problem::{Problem, ProblemCode},
    protocol::{authorization_request::Entropy, http_response::HttpError, signing::json_response},
    secret::Secret,
    session::{
        Effect, Event, IssuedToken, KeychainError, Network, Operation, RequestPurpose,
        SchemeHandler, TokenRequestId, TokenUnavailable,
    },
    storage::{
        delete_only::DeleteOnly,
        record::{AccountKey, RecordKind, StorageKey},
    },
    time::Monotonic,
    view::{HostedPage, SessionView, SignInIntent, SignOutScope},
};

/// The value of every secret.
const CANARY: &str = "c4n4ry-0123456789";

fn assert_nothing_of_the_canary(printed: &str) {
    let bytes: Vec<String> = CANARY.bytes().map(|byte| byte.to_string()).collect();
    assert!(!printed.contains(CANARY), "{printed}");
    assert!(!printed.contains(&bytes.join(", ")), "byte by byte: {printed}");
}

fn bytes() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(CANARY.as_bytes().to_vec())
}

fn problem() -> Problem {
    Problem::new(ProblemCode::Offline)
}

/// One event of each kind; a new kind does not compile until it is here.
fn next_event(before: Option<&Event>) -> Option<Event> {
    let (operation, entropy) = (Operation(1), || {
        let mut entropy = Entropy([0; 96]);
        entropy.0[..CANARY.len()].copy_from_slice(CANARY.as_bytes());
        entropy
    });
    Some(match before {
        None => Event::Configured(Some(configuration())),
        Some(Event::Configured(_)) => {
            Event::SignIn { request: SignInIntent::SignIn.into(), entropy: entropy() }
        }
        Some(Event::SignIn { .. }) => Event::AcceptInvitation { question: 1, entropy: entropy() },
        Some(Event::AcceptInvitation { .. }) => Event::DeclineInvitation { question: 1 },
        Some(Event::DeclineInvitation { .. }) => Event::CancelSignIn,
        Some(Event::CancelSignIn) => Event::OpenBrowserAgain,
        Some(Event::OpenBrowserAgain) => Event::UseLoopback { entropy: entropy() },
        Some(Event::UseLoopback { .. }) => Event::LinkPasted(bytes()),
        Some(Event::LinkPasted(_)) => Event::OpenHostedPage(HostedPage::Account),
        Some(Event::OpenHostedPage(_)) => Event::Refresh,
        Some(Event::Refresh) => {
            Event::SignOut { scope: SignOutScope::SharedSession, entropy: entropy() }
        }
        Some(Event::SignOut { .. }) => Event::Retry,
        Some(Event::Retry) => Event::ContinueWithoutKeychain,
        Some(Event::ContinueWithoutKeychain) => Event::Dismiss,
        Some(Event::Dismiss) => Event::Link(bytes()),
        Some(Event::Link(_)) => Event::HttpCompleted(
            operation,
            Ok(json_response(200, &serde_json::json!({"t": CANARY}))),
        ),
        Some(Event::HttpCompleted(_, Ok(_))) => {
            Event::HttpCompleted(operation, Err(HttpError::TimedOut))
        }
        Some(Event::HttpCompleted(_, Err(_))) => Event::RetryHint,
        Some(Event::RetryHint) => Event::UserReturned,
        Some(Event::UserReturned) => Event::InUse(true),
        Some(Event::InUse(_)) => Event::Exit,
        Some(Event::Exit) => Event::NetworkChanged(Network::Absent),
        Some(Event::NetworkChanged(_)) => {
            Event::SchemeHandlerChanged(SchemeHandler::Another("other".to_owned()))
        }
        Some(Event::SchemeHandlerChanged(_)) => Event::AccessTokenRequested {
            caller: TokenRequestId(1),
            rejected_token: Some(Secret::new(CANARY)),
        },
        Some(Event::AccessTokenRequested { .. }) => Event::Locked(operation, Ok(())),
        Some(Event::Locked(..)) => Event::Loaded(operation, Ok(Some(bytes()))),
        Some(Event::Loaded(_, Ok(_))) => Event::Loaded(operation, Err(KeychainError::Slow)),
        Some(Event::Loaded(_, Err(_))) => Event::Stored(operation, Ok(())),
        Some(Event::Stored(..)) => Event::Deleted(operation, Ok(())),
        Some(Event::Deleted(..)) => Event::BrowserOpened(operation, Ok(())),
        Some(Event::BrowserOpened(..)) => Event::Listening(operation, Ok(50123)),
        Some(Event::Listening(..)) => Event::LoopbackResponse(operation, bytes()),
        Some(Event::LoopbackResponse(..)) => {
            Event::PictureFetched(operation, Some(CANARY.to_owned()))
        }
        Some(Event::PictureFetched(..)) => Event::TimerFired,
        Some(Event::TimerFired) => return None,
    })
}

fn next_effect(before: Option<&Effect>) -> Option<Effect> {
    let operation = Operation(1);
    let entry =
        || StorageKey { account: AccountKey::of(&configuration()), kind: RecordKind::Session };
    let address = || format!("https://acme.scalekit.com/oidc/logout?id_token_hint={CANARY}");
    Some(match before {
        None => Effect::Send(
            operation,
            RequestPurpose::CodeExchange,
            http::Request::post(address()).body(CANARY.as_bytes().to_vec()).unwrap(),
        ),
        Some(Effect::Send(..)) => Effect::OpenBrowser(operation, Url::parse(&address()).unwrap()),
        Some(Effect::OpenBrowser(..)) => {
            Effect::Listen(operation, LoopbackPort::Any, Secret::new(CANARY))
        }
        Some(Effect::Listen(..)) => Effect::StopListening(operation),
        Some(Effect::StopListening(_)) => Effect::Lock(operation, entry().account),
        Some(Effect::Lock(..)) => Effect::Unlock(operation),
        Some(Effect::Unlock(_)) => Effect::Load(operation, entry()),
        Some(Effect::Load(..)) => Effect::Store(operation, entry(), bytes()),
        Some(Effect::Store(..)) => Effect::Append(operation, entry(), bytes().to_vec()),
        Some(Effect::Append(..)) => {
            let session = SessionId::of_sign_in(&Secret::new(CANARY), &Secret::new(CANARY));
            Effect::Delete(operation, entry(), DeleteOnly::Sessions(vec![session]))
        }
        Some(Effect::Delete(..)) => {
            let token = Secret::new(CANARY);
            let configuration = std::sync::Arc::new(configuration());
            Effect::CompleteTokenRequest(
                TokenRequestId(1),
                Ok(IssuedToken { token, configuration, session: SessionId::default() }),
            )
        }
        Some(Effect::CompleteTokenRequest(_, Ok(_))) => Effect::CompleteTokenRequest(
            TokenRequestId(1),
            Err(TokenUnavailable::Retryable(problem())),
        ),
        Some(Effect::CompleteTokenRequest(_, Err(_))) => {
            Effect::FetchPicture(operation, address(), true)
        }
        Some(Effect::FetchPicture(..)) => Effect::SetTimer(Some(Monotonic::default())),
        Some(Effect::SetTimer(_)) => Effect::BringToFront,
        Some(Effect::BringToFront) => Effect::PublishView(SessionView::Starting),
        Some(Effect::PublishView(_)) => return None,
    })
}

// req: E21
#[test]
fn events_and_effects_debug_output_hides_secrets() {
    let mut event = next_event(None);
    while let Some(one) = event {
        assert_nothing_of_the_canary(&format!("{one:?} {one:#?}"));
        event = next_event(Some(&one));
    }
    let mut effect = next_effect(None);
    while let Some(one) = effect {
        assert_nothing_of_the_canary(&format!("{one:?} {one:#?}"));
        effect = next_effect(Some(&one));
    }
}

#[test]
fn sign_out_effects_debug_output_hides_id_token() {
    let mut harness = Harness::signed_in();
    let id_token = {
        let record: serde_json::Value =
            serde_json::from_slice(&harness.keychain[&RecordKind::Session]).unwrap();
        record["id_token"].as_str().unwrap().to_owned()
    };
    let entropy = harness.entropy();
    let effects = harness
        .machine
        .step(Event::SignOut { scope: SignOutScope::SharedSession, entropy }, harness.now);
    let mut printed = format!("{effects:?}");
    for effect in effects {
        if let crate::session::Effect::Delete(operation, _, DeleteOnly::Sessions(_)) = effect {
            let effects = harness.machine.step(Event::Deleted(operation, Ok(())), harness.now);
            printed.push_str(&format!("{effects:?}"));
        }
    }
    assert!(!printed.contains(&id_token), "the ID token stands in the debug output of an effect");
}

#[test]
fn refresh_effect_debug_output_hides_refresh_token() {
    let mut harness = Harness::refresh_in_flight();
    let (operation, request) = harness.sent.pop().unwrap();
    let printed = format!(
        "{:?}",
        crate::session::Effect::Send(operation, RequestPurpose::Discovery, request)
    );
    let bytes = "rt-1".bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    assert!(!printed.contains(&bytes), "the refresh token, byte by byte");
}

#[test]
fn refresh_error_that_repeats_the_token_hides_it() {
    let mut harness = Harness::refresh_in_flight();
    let body = serde_json::json!({
        "error": "server_error",
        "error_description": "could not rotate refresh token rt-1: database is read-only",
    });
    harness.respond("/oauth/token", Ok(json_response(503, &body)));
    harness.pass(seconds(5));
    let shown: Vec<_> =
        harness.views.iter().map(|view| serde_json::to_string(view).unwrap()).collect();
    assert_eq!(harness.stored_refresh_token().as_deref(), Some("rt-1"), "still the valid one");
    let leak = shown.iter().find(|view| view.contains("rt-1"));
    assert!(leak.is_none(), "{leak:?}");
}
