//! The parameters of each authorization request, as `scalekit-dev` records them, against Scalekit's documentation
//! (`authenticate/fsa/implement-login.mdx`, `sso/guides/authorization-url.mdx`,
//! `authenticate/manage-users-orgs/organization-switching.mdx`).

use std::collections::BTreeSet;

use scalekit_auth::{
    Configuration, ConnectionId, DomainName, LoginHint, OrganizationId, SignInIntent,
    SignInRequest, SignInRoute, SocialProvider,
};
use scalekit_dev::{Environment, GRACE, LoginStart, NAVY, Settings, ids};
use url::Url;

use crate::program::{ADA, Memory, Program, configuration, within_timeout};

/// The values that are made for each request.
const RANDOM: [&str; 3] = ["state", "nonce", "code_challenge"];

/// A parameter and its value.
type Pair = (&'static str, &'static str);

/// Opens a page as the browser does; returns the query that the environment has recorded.
async fn recorded(environment: &Environment, page: &Url) -> Vec<(String, String)> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    client.unwrap().get(page.clone()).send().await.unwrap();
    environment.requests_to("/oauth/authorize").pop().unwrap().query
}

/// Asserts that a request has the documented parameters with these values, and no others. Returns the random ones.
fn is_documented(query: Vec<(String, String)>, added: &[Pair], way: &str) -> Vec<String> {
    let (random, mut given): (Vec<_>, Vec<_>) =
        query.into_iter().partition(|(name, _)| RANDOM.contains(&name.as_str()));
    let mut expected = vec![
        ("response_type", "code"),
        ("client_id", ids::NATIVE_APPLICATION),
        ("redirect_uri", "io.latchkey.desktop://callback"),
        ("scope", "openid profile email offline_access"),
        ("code_challenge_method", "S256"),
    ];
    expected.extend(added);
    let mut expected: Vec<(String, String)> =
        expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    expected.sort();
    given.sort();
    assert_eq!(given, expected, "{way}");
    let names: BTreeSet<&str> = random.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names, random.len()), (BTreeSet::from(RANDOM), RANDOM.len()), "{way}");
    // 256 bits, without padding.
    assert!(random.iter().all(|(_, value)| value.len() == 43), "{way}: {random:?}");
    random.into_iter().map(|(_, value)| value).collect()
}

/// Each request that the window or an application can make, and the parameters that it adds.
fn ways() -> Vec<(SignInRequest, Vec<Pair>)> {
    let usual = SignInRequest::default;
    let of = |intent| SignInRequest { intent, ..usual() };
    let organization = || OrganizationId::parse(NAVY).ok();
    vec![
        (usual(), vec![]),
        (of(SignInIntent::SignUp), vec![("prompt", "create")]),
        (of(SignInIntent::UseAnotherAccount), vec![("prompt", "login")]),
        (of(SignInIntent::SelectOrganization), vec![("prompt", "select_account")]),
        (
            SignInRequest { provider: SocialProvider::parse("google").ok(), ..usual() },
            vec![("provider", "google")],
        ),
        (
            SignInRequest { login_hint: LoginHint::parse(GRACE).ok(), ..usual() },
            vec![("login_hint", GRACE)],
        ),
        (
            SignInRequest { domain: DomainName::parse("orbit.example").ok(), ..usual() },
            vec![("domain", "orbit.example")],
        ),
        (
            SignInRequest {
                connection_id: ConnectionId::parse(ids::ORBIT_CONNECTION).ok(),
                ..usual()
            },
            vec![("connection_id", ids::ORBIT_CONNECTION)],
        ),
        (
            SignInRequest { organization_id: organization(), ..usual() },
            vec![("organization_id", NAVY)],
        ),
        (
            SignInRequest {
                organization_id: organization(),
                ..of(SignInIntent::SelectOrganization)
            },
            vec![("prompt", "select_account"), ("organization_id", NAVY)],
        ),
    ]
}

// req: N1
#[tokio::test]
async fn each_way_in_sends_exactly_its_documented_parameters() {
    let (environment, memory) =
        (Environment::start(Settings::default()).await.unwrap(), Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.nobody().await;
    let mut random = BTreeSet::new();
    let mut requests = 0;
    for is_signed_in in [false, true] {
        if is_signed_in {
            program.signs_in(&environment).await;
        }
        for (request, added) in ways() {
            let way = format!("{request:?}, signed in: {is_signed_in}");
            program.session.sign_in(request).unwrap();
            let page = program.page().await;
            random.extend(is_documented(recorded(&environment, &page).await, &added, &way));
            requests += 1;
        }
        program.session.cancel_sign_in();
    }
    assert_eq!(random.len(), requests * RANDOM.len(), "a value was used twice");
}

// req: N1
#[tokio::test]
async fn configured_way_in_sends_exactly_its_documented_parameters() {
    let environment = Environment::start(Settings::default()).await.unwrap();
    let route = SignInRoute::default;
    let organization = || OrganizationId::parse(NAVY).ok();
    let usual = || configuration(&environment);
    let domain = DomainName::parse("orbit.example").ok();
    let connection_id = ConnectionId::parse(ids::ORBIT_CONNECTION).ok();
    let connection = vec![("connection_id", ids::ORBIT_CONNECTION)];
    for (configuration, added) in [
        (
            Configuration { organization: organization(), ..usual() },
            vec![("organization_id", NAVY)],
        ),
        (
            Configuration {
                route: SignInRoute { organization_id: organization(), ..route() },
                ..usual()
            },
            vec![("organization_id", NAVY)],
        ),
        (
            Configuration { route: SignInRoute { domain, ..route() }, ..usual() },
            vec![("domain", "orbit.example")],
        ),
        (Configuration { route: SignInRoute { connection_id, ..route() }, ..usual() }, connection),
    ] {
        let mut program = Program::start(&Memory::default());
        program.session.configure(Some(configuration));
        let page = program.begins().await;
        is_documented(recorded(&environment, &page).await, &added, &format!("{added:?}"));
    }
}

// req: N1
#[tokio::test]
async fn sign_in_after_an_end_sends_the_documented_login_hint() {
    let (environment, memory) =
        (Environment::start(Settings::default()).await.unwrap(), Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    environment.end_sessions_of(ADA);
    program.session.refresh();
    program.nobody().await;
    let page = program.begins().await;
    is_documented(recorded(&environment, &page).await, &[("login_hint", ADA)], "after an end");
}

// req: N1
#[tokio::test]
async fn idp_initiated_way_in_sends_its_documented_parameters() {
    let (environment, memory) =
        (Environment::start(Settings::default()).await.unwrap(), Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.nobody().await;
    let start = LoginStart {
        connection_id: Some(ids::ORBIT_CONNECTION.to_owned()),
        organization_id: Some(ids::ORBIT.to_owned()),
        login_hint: Some(ADA.to_owned()),
        ..LoginStart::default()
    };
    program.follows(&environment.login_link(&start));
    let (question, _) = within_timeout(program.invited()).await;
    program.session.accept_invitation(question).unwrap();
    let page = program.page().await;
    let added = [
        ("connection_id", ids::ORBIT_CONNECTION),
        ("organization_id", ids::ORBIT),
        ("login_hint", ADA),
    ];
    is_documented(recorded(&environment, &page).await, &added, "IdP-initiated");
}
