//! Changes of the configuration during operations.

use std::time::Duration;

use scalekit_auth::{ClientId, EnvironmentUrl, ResourceOrigin, SessionView};
use scalekit_auth_native::SendError;
use scalekit_dev::{CustomDomain, Endpoint, InjectedFault, Times};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    environment,
    program::{ADA, Memory, Program, configuration, within_timeout},
};

fn is_signed_out(view: &SessionView) -> Option<()> {
    matches!(view, SessionView::SignedOut { .. }).then_some(())
}

// req: E15
#[tokio::test]
async fn configuration_changed_during_a_refresh_loses_no_session() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.flush().await;
    let slow = InjectedFault::delay(Duration::from_millis(300));
    environment.inject_fault(Endpoint::Token, slow, Times::Once);
    program.session.refresh();
    within_timeout(environment.wait_for_arrival("/oauth/token", 2)).await;

    let mut other = configuration(&environment);
    other.client_id = ClientId::parse("skc_other").unwrap();
    program.session.configure(Some(other));
    program.shows(is_signed_out).await;
    program.session.configure(Some(configuration(&environment)));
    assert_eq!(program.user().await, "Ada Lovelace");

    program.session.flush().await;
    assert_eq!(environment.requests_to("/oauth/token").len(), 2);
    assert_eq!(memory.refresh_token(), environment.live_refresh_token_of(ADA));
}

#[tokio::test]
async fn refresh_during_configuration_change_is_stored_at_exit() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    program.session.flush().await;
    let slow = InjectedFault::delay(Duration::from_millis(300));
    environment.inject_fault(Endpoint::Token, slow, Times::Once);
    program.session.refresh();
    within_timeout(environment.wait_for_arrival("/oauth/token", 2)).await;
    let mut other = configuration(&environment);
    other.client_id = ClientId::parse("skc_other").unwrap();
    program.session.configure(Some(other));
    program.ends().await;

    assert_eq!(memory.refresh_token(), environment.live_refresh_token_of(ADA));
    assert_eq!(Program::at(&environment, &memory).user().await, "Ada Lovelace");
}

/// The user signs in again, while the session of the previous URL stays stored and is not signed out.
// req: M24
#[tokio::test]
async fn environment_adopted_by_its_new_url_keeps_the_session() {
    let (environment, memory) = (environment().await, Memory::default());
    let mut program = Program::at(&environment, &memory);
    program.signs_in(&environment).await;
    let domain = CustomDomain { host: "localhost".to_owned(), everywhere: true };
    environment.change_options(|options| options.custom_domain = Some(domain));

    let mut adopted = configuration(&environment);
    adopted.environment = EnvironmentUrl::parse(&environment.custom_url().unwrap()).unwrap();
    program.session.configure(Some(adopted));
    program.shows(is_signed_out).await;
    program.signs_in(&environment).await;

    program.session.configure(Some(configuration(&environment)));
    assert_eq!(program.user().await, "Ada Lovelace");
    assert_eq!(environment.token_requests("authorization_code").len(), 2);
    assert!(environment.requests_to("/oidc/logout").is_empty());
}

// req: E18
#[tokio::test]
async fn access_token_of_other_configuration_is_not_sent() {
    let (a, b, memory) = (environment().await, environment().await, Memory::default());
    let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", service.local_addr().unwrap());
    let mut program = Program::at(&b, &memory);
    program.signs_in(&b).await;
    program.session.flush().await;
    let of_b = program.session.access_token().await.unwrap();
    let mut of_a = configuration(&a);
    of_a.services = vec![ResourceOrigin::parse(&address).unwrap()];
    program.session.configure(Some(of_a));
    program.shows(is_signed_out).await;
    program.signs_in(&a).await;
    program.session.flush().await;

    let session = program.session.clone();
    let request = http::Request::get(format!("{address}/x")).body(Vec::new()).unwrap();
    let call = tokio::spawn(async move { session.send(request).await.map(drop) });
    let (mut connection, _) = within_timeout(service.accept()).await.unwrap();
    assert!(!head(&mut connection).await.contains(of_b.expose()));
    // The configuration changes before the response of A's service; B's configuration does not name this service.
    program.session.configure(Some(configuration(&b)));
    assert_eq!(program.user().await, "Ada Lovelace");
    let no = b"HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    connection.write_all(no).await.unwrap();
    drop(connection);
    tokio::select! {
        outcome = within_timeout(call) => assert!(matches!(outcome.unwrap(), Err(SendError::OtherAccount))),
        _ = service.accept() => panic!("the request was sent again"),
    }
}

async fn head(connection: &mut TcpStream) -> String {
    let mut bytes = vec![0; 65_536];
    let read = connection.read(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes[..read]).into_owned()
}
