//! The target for responses to a refresh.

use std::time::Duration;

use scalekit_auth::{
    fingerprint::SessionId,
    protocol::token_response::{TokenResult, read},
    secret::Secret,
    session::Event,
    storage::record::{RecordKind, SessionRecord},
    time::Wall,
    view::{Profile, SessionView},
};

use crate::{harness::Harness, http_response::http_response};

/// For any response: the session stays unless the environment rejects it with an OAuth error, and a new refresh
/// token in the response is stored.
pub fn refresh(text: &[u8]) {
    let response = http_response(text);
    let mut harness = Harness::with([(RecordKind::Session, record().encode().to_vec())]);
    harness.happens(Event::Refresh);
    harness.answers_discovery();
    let meant = read(Ok(response.clone()), harness.now.wall);
    harness.responds("/oauth/token", Ok(response.clone()));
    let stays = matches!(harness.view, SessionView::SignedIn { .. });
    let received = match meant {
        TokenResult::Success(tokens) => tokens.refresh_token,
        TokenResult::Transient { salvaged, .. } => salvaged,
        TokenResult::Rejected { .. } => {
            assert!(!stays && !harness.keychain.contains_key(&RecordKind::Session));
            return;
        }
    };
    assert!(stays, "the session was lost");
    let stored = SessionRecord::decode(&harness.keychain[&RecordKind::Session])
        .expect("what is stored of the session cannot be read");
    let expected = received.as_ref().map_or("rt-1", Secret::expose);
    assert!(
        stored.refresh_token.is_some_and(|stored| stored.matches(expected)),
        "another token is stored"
    );
    for _ in 0..3 {
        harness.sleeps_until_woken();
    }
    assert!(matches!(harness.view, SessionView::SignedIn { .. }), "the session was lost later");
}

fn record() -> SessionRecord {
    SessionRecord {
        session: SessionId::of_sign_in(&Secret::new("nonce"), &Secret::new("code-1")),
        generation: 1,
        refresh_token: Some(Secret::new("rt-1")),
        access_token: Secret::new("at-1"),
        access_token_ends: Wall(1_800_000_200_000),
        lifetime: Duration::from_secs(300),
        announced_end: None,
        id_token: Secret::new("it-1"),
        nonce: None,
        profile: Profile {
            subject: "usr_1".to_owned(),
            name: None,
            email: None,
            email_verified: None,
            initials: String::new(),
            picture: None,
            organization: None,
            roles: None,
            permissions: None,
            claims: Default::default(),
        },
        picture_url: None,
        sign_in: None,
        organizations: Vec::new(),
    }
}
