//! The policy of refreshes, and an environment whose idle timeout counts them as activity.

use std::time::Duration;

use scalekit_auth::{Configuration, RefreshPolicy, SessionView};
use scalekit_dev::{Environment, Options, Settings};

use crate::program::{Memory, Program, configuration, within_timeout};

/// Twice this is more than the idle timeout.
const PAUSE: Duration = Duration::from_secs(40);

/// An environment with an idle timeout of a minute and access tokens of two seconds, and a program with a signed-in user.
async fn signed_in(refresh: RefreshPolicy) -> (Environment, Program) {
    let options = Options {
        idle_timeout: Some(Duration::from_secs(60)),
        refresh_is_activity: true,
        ..Options::default()
    };
    let access_token_lifetime = Duration::from_secs(2);
    let settings = Settings { access_token_lifetime, options, ..Settings::default() };
    let environment = Environment::start(settings).await.unwrap();
    let mut program = Program::start(&Memory::default());
    let of_environment = configuration(&environment);
    program.session.configure(Some(Configuration { refresh, ..of_environment }));
    program.signs_in(&environment).await;
    (environment, program)
}

#[tokio::test]
async fn refresh_always_keeps_session_beyond_the_idle_timeout() {
    let (environment, program) = signed_in(RefreshPolicy::Always).await;
    for refreshes in 1..=3 {
        within_timeout(environment.wait_for("/oauth/token", 1 + refreshes)).await;
        environment.age_sessions(PAUSE);
    }
    within_timeout(environment.wait_for("/oauth/token", 5)).await;
    let refreshes = environment.token_requests("refresh_token");
    assert!(refreshes.iter().all(|request| request.status == Some(200)));
    assert!(matches!(*program.session.views().borrow(), SessionView::SignedIn { .. }));
}

#[tokio::test]
async fn refresh_while_in_use_lets_the_idle_timeout_end_the_session() {
    let (environment, program) = signed_in(RefreshPolicy::WhileInUse).await;
    // Another program, whose second refresh shows that this one's was due.
    let (other, _refreshing) = signed_in(RefreshPolicy::Always).await;
    within_timeout(other.wait_for("/oauth/token", 3)).await;
    environment.age_sessions(PAUSE);
    environment.age_sessions(PAUSE);
    assert_eq!(environment.token_requests("refresh_token").len(), 0);
    program.session.in_use(true);
    program.nobody().await;
    let refreshes = environment.token_requests("refresh_token");
    let statuses: Vec<_> = refreshes.iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(400)]);
}
