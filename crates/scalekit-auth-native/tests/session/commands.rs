//! The commands of a session's handle, each by its effect.

use scalekit_auth::{
    KeychainError, MAX_LINK_LEN, Problem, ProblemCode, SchemeHandler, SessionView, Stored,
};
use scalekit_dev::{Endpoint, InjectedFault, Times};

use crate::{
    environment,
    program::{ADA, Memory, Program},
};

/// Waits for the signed-out view, in which the problem has this code, or there is none.
async fn signed_out_with(program: &Program, code: Option<ProblemCode>) {
    let is_it = |problem: &Option<Problem>| problem.as_ref().map(|one| one.code) == code;
    program
        .shows(|view| match view {
            SessionView::SignedOut { problem, .. } if is_it(problem) => Some(()),
            _ => None,
        })
        .await;
}

async fn keychain_unavailable(program: &Program) -> ProblemCode {
    program
        .shows(|view| match view {
            SessionView::KeychainUnavailable { problem } => Some(problem.code),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn browser_opened_again_shows_the_same_request() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    let page = program.begins().await;
    program.waits().await;
    program.session.open_browser_again();
    assert_eq!(program.page().await, page);
}

#[tokio::test]
async fn dismissed_problem_is_removed_from_the_view() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    let page = program.begins().await;
    environment.inject_fault(
        Endpoint::Token,
        InjectedFault::Status { status: 503, retry_after: None },
        Times::Once,
    );
    program.follows(&environment.sign_in_as(ADA, page.as_str()).unwrap());
    signed_out_with(&program, Some(ProblemCode::ServiceUnavailable)).await;
    program.session.dismiss();
    signed_out_with(&program, None).await;
}

#[tokio::test]
async fn scheme_handler_of_another_program_is_shown_until_it_is_ours() {
    let (environment, memory) = (environment().await, Memory::default());
    let program = Program::at(&environment, &memory);
    program.session.scheme_handler_changed(SchemeHandler::Another("Other".to_owned()));
    signed_out_with(&program, Some(ProblemCode::LinksTaken)).await;
    program.session.scheme_handler_changed(SchemeHandler::Ours);
    signed_out_with(&program, None).await;
}

#[tokio::test]
async fn locked_keychain_is_read_again_on_retry() {
    let (environment, memory) = (environment().await, Memory::default());
    memory.fails_with(Some(KeychainError::Locked(String::new())));
    let program = Program::at(&environment, &memory);
    assert_eq!(keychain_unavailable(&program).await, ProblemCode::KeychainLocked);
    memory.fails_with(None);
    program.session.retry();
    signed_out_with(&program, None).await;
}

#[tokio::test]
async fn session_without_keychain_is_stored_in_memory() {
    let (environment, memory) = (environment().await, Memory::default());
    memory.fails_with(Some(KeychainError::Missing(String::new())));
    let mut program = Program::at(&environment, &memory);
    assert_eq!(keychain_unavailable(&program).await, ProblemCode::KeychainMissing);
    program.session.continue_without_keychain();
    memory.fails_with(None);
    program.signs_in(&environment).await;
    let stored = program
        .shows(|view| match view {
            SessionView::SignedIn { stored, .. } => Some(*stored),
            _ => None,
        })
        .await;
    assert_eq!(stored, Stored::InMemory);
    program.session.flush().await;
    assert_eq!(memory.refresh_token(), None);
}

#[tokio::test]
async fn callback_of_exactly_the_limit_signs_in() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    let page = program.begins().await;
    let link = format!("{}&unknown=", environment.sign_in_as(ADA, page.as_str()).unwrap());
    program.follows(&format!("{link}{}", "x".repeat(MAX_LINK_LEN - link.len())));
    assert_eq!(program.user().await, "Ada Lovelace");
}
