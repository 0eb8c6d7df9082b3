//! A session that is refreshed only while the program is in use.
use super::desk::*;
use crate::{
    configuration::{Configuration, RefreshPolicy},
    machine::Event,
    signing::json_answer,
};

fn while_in_use() -> Desk {
    let mut desk = Desk::fresh();
    desk.signs_in();
    let refresh = RefreshPolicy::WhileInUse;
    desk.happens(Event::Configured(Some(Configuration { refresh, ..configuration() })));
    desk
}

fn refreshes(desk: &mut Desk) -> bool {
    desk.answer_discovery_if_asked();
    desk.requests_to("/oauth/token") > 0
}

#[test]
fn refresh_is_paused_while_app_is_not_in_use() {
    let mut desk = while_in_use();
    for _ in 0..10 {
        desk.pass(seconds(LIFETIME));
        assert!(!refreshes(&mut desk));
    }
    assert_eq!(desk.profile_name(), "Ada Lovelace", "it ends by the service's word only");
}

#[test]
fn refresh_that_is_due_starts_once_app_is_in_use() {
    let mut desk = while_in_use();
    desk.pass(seconds(LIFETIME));
    desk.happens(Event::InUse(true));
    assert!(refreshes(&mut desk));
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    desk.pass(seconds(LIFETIME));
    assert!(refreshes(&mut desk), "and goes on to be while it is");
}

#[test]
fn refresh_stops_once_app_is_no_longer_in_use() {
    let mut desk = while_in_use();
    desk.happens(Event::InUse(true));
    desk.happens(Event::InUse(false));
    desk.pass(seconds(LIFETIME));
    assert!(!refreshes(&mut desk));
}

#[test]
fn access_token_request_refreshes_while_app_is_not_in_use() {
    let mut desk = while_in_use();
    desk.pass(seconds(LIFETIME));
    wants_token(&mut desk, 1, None);
    assert!(refreshes(&mut desk));
    let tokens = desk.refreshed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    let [(_, Ok(given))] = &desk.given[..] else { panic!("no token") };
    assert!(given.token.matches(tokens["access_token"].as_str().unwrap()));
}

#[test]
fn in_use_state_carries_over_to_new_configuration() {
    let mut desk = Desk::fresh();
    desk.happens(Event::InUse(true));
    let refresh = RefreshPolicy::WhileInUse;
    desk.happens(Event::Configured(Some(Configuration { refresh, ..other_environment() })));
    desk.happens(Event::Configured(Some(Configuration { refresh, ..configuration() })));
    desk.signs_in();
    desk.pass(seconds(LIFETIME));
    assert!(refreshes(&mut desk));
}
