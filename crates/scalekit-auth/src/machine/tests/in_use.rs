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
fn session_is_not_refreshed_while_nobody_uses_the_program() {
    let mut desk = while_in_use();
    for _ in 0..10 {
        desk.pass(seconds(LIFETIME));
        assert!(!refreshes(&mut desk));
    }
    assert_eq!(desk.profile_name(), "Ada Lovelace", "it ends by the service's word only");
}

#[test]
fn session_that_is_due_is_refreshed_as_soon_as_the_program_is_in_use() {
    let mut desk = while_in_use();
    desk.pass(seconds(LIFETIME));
    desk.happens(Event::InUse(true));
    assert!(refreshes(&mut desk));
    let tokens = desk.renewed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    desk.pass(seconds(LIFETIME));
    assert!(refreshes(&mut desk), "and goes on to be while it is");
}

#[test]
fn session_is_left_alone_once_the_program_is_not_in_use_any_more() {
    let mut desk = while_in_use();
    desk.happens(Event::InUse(true));
    desk.happens(Event::InUse(false));
    desk.pass(seconds(LIFETIME));
    assert!(!refreshes(&mut desk));
}

#[test]
fn caller_causes_a_refresh_while_nobody_uses_the_program() {
    let mut desk = while_in_use();
    desk.pass(seconds(LIFETIME));
    wants_token(&mut desk, 1, None);
    assert!(refreshes(&mut desk));
    let tokens = desk.renewed_tokens("rt-2");
    desk.answer("/oauth/token", Ok(json_answer(200, &tokens)));
    desk.answer_keys_if_asked();
    let [(_, Ok(given))] = &desk.given[..] else { panic!("no token") };
    assert!(given.token.matches(tokens["access_token"].as_str().unwrap()));
}

#[test]
fn use_of_the_program_counts_for_the_next_configuration_too() {
    let mut desk = Desk::fresh();
    desk.happens(Event::InUse(true));
    let refresh = RefreshPolicy::WhileInUse;
    desk.happens(Event::Configured(Some(Configuration { refresh, ..other_environment() })));
    desk.happens(Event::Configured(Some(Configuration { refresh, ..configuration() })));
    desk.signs_in();
    desk.pass(seconds(LIFETIME));
    assert!(refreshes(&mut desk));
}
