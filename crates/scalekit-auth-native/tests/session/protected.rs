//! Permissions and claims of the session, and a protected service that enforces them.

use scalekit_auth::{
    BearerChallenge, ClaimName, ClaimsError, Configuration, PermissionError, SessionView,
    TokenUnavailable,
};
use scalekit_auth_native::SendError;
use scalekit_dev::{
    ADA, ALAN, ClaimPlace, CustomClaim, Endpoint, Environment, InjectedFault, Options, Settings,
    Times,
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    environment,
    program::{Memory, Program, configuration, organization_of, within_timeout},
};

fn reports(environment: &Environment) -> http::Request<Vec<u8>> {
    http::Request::get(format!("{}/api/reports", environment.url())).body(Vec::new()).unwrap()
}

async fn signs_in_as(program: &mut Program, environment: &Environment, email: &str) {
    let page = program.begins().await;
    program.follows(&environment.sign_in_as(email, page.as_str()).unwrap());
    program.user().await;
}

/// Refreshes until the view has these permissions.
async fn comes_to_have(program: &Program, expected: &[&str]) {
    program.session.refresh();
    program
        .shows(|view| match view {
            SessionView::SignedIn { profile, .. } => {
                (profile.permissions.as_deref()? == expected).then_some(())
            }
            _ => None,
        })
        .await;
}

fn missing(error: PermissionError) -> String {
    match error {
        PermissionError::Missing { permission, .. } => permission,
        other => panic!("{other:?}"),
    }
}

// req: N19
#[tokio::test]
async fn permission_of_the_session_agrees_with_the_service() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    assert_eq!(program.session.require("reports:read"), Err(PermissionError::NotSignedIn));
    for (email, status) in [(ADA, 200), (ALAN, 403)] {
        signs_in_as(&mut program, &environment, email).await;
        let allowed = program.session.require("reports:read");
        assert_eq!(allowed.is_ok(), status == 200, "{email}");
        assert_eq!(program.session.send(reports(&environment)).await.unwrap().status, status);
        if let Err(error) = allowed {
            assert_eq!(missing(error), "reports:read");
        }
        program.session.sign_out(scalekit_auth::SignOutScope::SharedSession).unwrap();
        assert!(program.page().await.path().ends_with("/oidc/logout"));
    }
    assert_eq!(program.session.permissions(), Err(PermissionError::NotSignedIn));
}

// req: N19
#[tokio::test]
async fn insufficient_scope_is_returned_with_its_challenge() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    signs_in_as(&mut program, &environment, ALAN).await;
    let response = program.session.send(reports(&environment)).await.unwrap();
    let challenge = BearerChallenge::parse(response.www_authenticate.as_deref().unwrap()).unwrap();
    assert_eq!(challenge.error.as_deref(), Some("insufficient_scope"));
    assert_eq!(challenge.scope, ["reports:read"]);
    assert!(environment.token_requests("refresh_token").is_empty(), "403 is no reason to refresh");
}

#[tokio::test]
async fn permission_granted_or_withdrawn_counts_after_a_refresh() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    signs_in_as(&mut program, &environment, ALAN).await;
    environment.set_permissions_of(ALAN, &["reports:read"]);
    assert_eq!(missing(program.session.require("reports:read").unwrap_err()), "reports:read");
    comes_to_have(&program, &["reports:read"]).await;
    assert_eq!(program.session.require("reports:read"), Ok(()));
    assert_eq!(program.session.send(reports(&environment)).await.unwrap().status, 200);
    environment.set_permissions_of(ALAN, &[]);
    // An immediate refresh is not sent; the next token is requested as after a service's rejection of this one.
    let token = access_token_sent(&environment);
    revoke(&environment, &token).await;
    assert_eq!(program.session.send(reports(&environment)).await.unwrap().status, 403);
    program
        .shows(|view| match view {
            SessionView::SignedIn { profile, .. } => {
                profile.permissions.as_ref()?.is_empty().then_some(())
            }
            _ => None,
        })
        .await;
    assert!(program.session.require("reports:read").is_err());
}

/// The access token of the last request for the reports.
fn access_token_sent(environment: &Environment) -> String {
    let requests = environment.requests_to("/api/reports");
    let header = requests.last().unwrap().header("authorization").unwrap().to_owned();
    header.strip_prefix("Bearer ").unwrap().to_owned()
}

/// RFC 7009, as sent by another program.
async fn revoke(environment: &Environment, token: &str) {
    let body = format!("client_id={}&token={token}", environment.client_id());
    let request = http::Request::post(format!("{}/revoke", environment.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into_bytes())
        .unwrap();
    let http = scalekit_auth_native::HttpClient::new("another/1");
    assert_eq!(http.send(request).await.unwrap().status, 200);
}

// req: N19
#[tokio::test]
async fn access_token_revoked_in_use_is_refreshed_once_and_served() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    assert_eq!(program.session.send(reports(&environment)).await.unwrap().status, 200);
    revoke(&environment, &access_token_sent(&environment)).await;
    assert_eq!(program.session.send(reports(&environment)).await.unwrap().status, 200);
    let statuses: Vec<_> =
        environment.requests_to("/api/reports").iter().map(|one| one.status).collect();
    assert_eq!(statuses, [Some(200), Some(401), Some(200)]);
    assert_eq!(environment.token_requests("refresh_token").len(), 1);
}

#[tokio::test]
async fn session_ended_in_use_is_reported_to_the_caller() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    environment.end_sessions_of(ADA);
    let why = within_timeout(program.session.send(reports(&environment))).await.unwrap_err();
    let is_over = matches!(why, SendError::TokenUnavailable(TokenUnavailable::NotSignedIn));
    assert!(is_over, "{why}");
    assert_eq!(program.session.require("reports:read"), Err(PermissionError::NotSignedIn));
    assert_eq!(environment.requests_to("/api/reports").len(), 1);
}

#[derive(Debug, PartialEq, Deserialize)]
struct Plan {
    plan: String,
    seats: Option<u32>,
}

#[tokio::test]
async fn custom_claims_of_the_session_have_the_application_type() {
    let claim = |name: &str, place| CustomClaim {
        name: name.to_owned(),
        value: json!("team"),
        place,
        of: None,
    };
    let claims = vec![claim("plan", ClaimPlace::TopLevel), claim("tier", ClaimPlace::Inside)];
    let options = Options { claims, ..Options::default() };
    let settings = Settings { options, ..Settings::default() };
    let (environment, memory) = (Environment::start(settings).await.unwrap(), Memory::default());
    let mut program = Program::start(&memory);
    let mut named: Configuration = configuration(&environment);
    named.custom_claims.passed_on = vec![ClaimName::parse("plan").unwrap()];
    program.session.configure(Some(named));
    assert_eq!(program.session.claims::<Plan>(), Err(ClaimsError::NotSignedIn));
    program.signs_in(&environment).await;
    let expected = Plan { plan: "team".to_owned(), seats: None };
    assert_eq!(program.session.claims(), Ok(expected));
    #[derive(Debug, PartialEq, Deserialize)]
    struct Tier {
        #[serde(rename = "tier")]
        _tier: String,
    }
    let why = program.session.claims::<Tier>().unwrap_err().to_string();
    assert!(why.contains("`tier`"), "a claim that the configuration does not name: {why}");
}

#[tokio::test]
async fn organization_name_is_read_from_the_configured_claim() {
    let name = CustomClaim {
        name: "org_name".to_owned(),
        value: json!("Analytical Engines"),
        place: ClaimPlace::TopLevel,
        of: None,
    };
    let options = Options { claims: vec![name], ..Options::default() };
    let settings = Settings { options, ..Settings::default() };
    let environment = Environment::start(settings).await.unwrap();
    for (claim, expected) in [(Some("org_name"), Some("Analytical Engines")), (None, None)] {
        let mut program = Program::start(&Memory::default());
        let mut of_environment = configuration(&environment);
        of_environment.custom_claims.organization_name =
            claim.map(|claim| ClaimName::parse(claim).unwrap());
        program.session.configure(Some(of_environment));
        program.signs_in(&environment).await;
        let shown = program.shows(|view| match view {
            SessionView::SignedIn { profile, .. } => profile.organization.clone(),
            _ => None,
        });
        assert_eq!(shown.await.name.as_deref(), expected);
    }
}

/// A service of the configuration that rejects the first request when the test triggers it, and accepts the next
/// one. It returns the access token of each.
async fn service()
-> (String, tokio::sync::mpsc::UnboundedReceiver<String>, tokio::sync::oneshot::Sender<()>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (sender, tokens) = tokio::sync::mpsc::unbounded_channel();
    let (reject, rejected) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let mut rejected = Some(rejected);
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                let mut piece = [0; 4096];
                let read = stream.read(&mut piece).await.unwrap();
                request.extend_from_slice(&piece[..read]);
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let token =
                request.lines().find_map(|line| line.strip_prefix("authorization: Bearer "));
            sender.send(token.unwrap_or_default().to_owned()).unwrap();
            let status = match rejected.take() {
                Some(rejected) => {
                    let _ = rejected.await;
                    "401 Unauthorized"
                }
                None => "200 OK",
            };
            let response =
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(response.as_bytes()).await;
        }
    });
    (origin, tokens, reject)
}

/// A request that the user began in one organization is not repeated in another one.
#[tokio::test]
async fn request_rejected_during_organization_switch_is_not_repeated() {
    use scalekit_auth::{OrganizationId, ResourceOrigin, SignInIntent, SignInRequest};
    let (origin, mut tokens, reject) = service().await;
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::start(&memory);
    let mut named: Configuration = configuration(&environment);
    named.services = vec![ResourceOrigin::parse(&origin).unwrap()];
    program.session.configure(Some(named));
    let page = program.begins().await;
    program.follows(&environment.sign_in_as(scalekit_dev::GRACE, page.as_str()).unwrap());
    let first = program.shows(organization_of).await;
    let request = http::Request::delete(format!("{origin}/reports/1")).body(Vec::new()).unwrap();
    let session = program.session.clone();
    let sent = tokio::spawn(async move { session.send(request).await });
    let token = within_timeout(tokens.recv()).await.unwrap();
    let navy = scalekit_dev::NAVY;
    let other = if first == navy { scalekit_dev::COMPILERS } else { navy };
    program
        .session
        .sign_in(SignInRequest {
            intent: SignInIntent::SelectOrganization,
            organization_id: OrganizationId::parse(other).ok(),
            ..SignInRequest::default()
        })
        .unwrap();
    let page = program.page().await;
    program.follows(&environment.sign_in_as(scalekit_dev::GRACE, page.as_str()).unwrap());
    program.shows(|view| (organization_of(view).as_deref() == Some(other)).then_some(())).await;
    reject.send(()).unwrap();
    let outcome = within_timeout(sent).await.unwrap();
    let repeated = tokens.try_recv().ok();
    assert!(
        repeated.as_ref().is_none_or(|second| *second == token),
        "sent in {other}: {outcome:?}"
    );
}

/// While refreshes for rejected tokens are limited, callers get the token that was rejected.
#[tokio::test]
async fn rejected_token_is_not_sent_again_without_a_refresh() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    environment.inject_fault(
        Endpoint::Api,
        InjectedFault::Status { status: 401, retry_after: None },
        Times::Always,
    );
    let mut sent = 0;
    for expected in [2, 1, 1] {
        assert_eq!(program.session.send(reports(&environment)).await.unwrap().status, 401);
        let all = environment.requests_to("/api/reports").len();
        assert_eq!(all - sent, expected);
        sent = all;
    }
    assert_eq!(environment.token_requests("refresh_token").len(), 1);
}
