//! A small exhaustive search. `cargo xtask simulate --exhaustive` explores more.
#![allow(clippy::unwrap_used, clippy::panic)]

use scalekit_simulation::{
    Machines,
    exhaustive::{Bounds, Exhaustive, SCENARIOS},
};

#[test]
fn exhaustive_search_finds_no_invariant_violation() {
    let machines = Machines::sound().unwrap();
    let exhaustive = Exhaustive::new(&machines).unwrap();
    for scenario in SCENARIOS {
        let found = exhaustive.search(scenario, Bounds { depth: 100, states: 400 });
        assert!(found.violation.is_none(), "{found}");
    }
    let count = exhaustive.coverage();
    assert!(count.refuted.is_empty(), "{count}");
}

#[cfg(feature = "seeded-bugs")]
mod broken {
    use super::*;
    use scalekit_auth::session::SeededBug;
    use scalekit_simulation::exhaustive::Scenario;

    /// The scenario in which each is found, with budgets that are just large enough.
    fn world(seeded_bug: SeededBug) -> Option<&'static str> {
        Some(match seeded_bug {
            SeededBug::NoLock | SeededBug::NoSecondReading => "two processes refresh",
            SeededBug::LockGivenBackEarly => "two processes refresh, and something fails",
            SeededBug::NoJournal => "two processes refresh, and one crashes",
            SeededBug::TokensGivenEarly
            | SeededBug::TransientErrorEndsTheSession
            | SeededBug::NoRateLimitForRejectedTokens => "callers",
            SeededBug::NoTombstone | SeededBug::UnreadableEndedIsEmpty => "signing out goes wrong",
            SeededBug::SettingsDropTheSession => "the settings change",
            SeededBug::LostResponsesNotCountedInMemory => "no keychain",
            SeededBug::LostResponsesNotCountedWithoutJournal => {
                "files fail while responses are lost"
            }
            SeededBug::CallersWaitForever => "another program has the lock, and a token is refused",
            SeededBug::SessionNamedByAccessToken => {
                "an environment that gives an access token twice"
            }
            SeededBug::AnySubjectOfAccessToken => "a response is for another user",
            SeededBug::RedirectUriOfTheDeepLink | SeededBug::ListenerOutlivesItsSignIn => {
                "a sign-in can come back two ways"
            }
            SeededBug::SendsWithoutNetwork => "the network goes and comes",
            // No scenario here has a second organization, an announced end, an environment that asks to wait, whose responses cannot be
            // verified or that offers revocation; schedules have.
            SeededBug::AnyOrganization
            | SeededBug::NoRetryAfter
            | SeededBug::BackoffResetByAdoption
            | SeededBug::UnverifiedSubject
            | SeededBug::BeginsAfterExit
            | SeededBug::LockErrorIsNoLock
            | SeededBug::SignInBeforeRefreshResponse
            | SeededBug::AnnouncesAgain
            | SeededBug::RevokesTheReplacedSession => return None,
        })
    }

    /// The maximum length of a path; a longer one shows that a seeded bug has become hard to detect.
    const MAX_PATH_LEN: usize = 20;

    #[test]
    fn exhaustive_search_finds_each_seeded_bug_in_20_steps() {
        let mut not_found = Vec::new();
        for seeded_bug in SeededBug::ALL {
            let Some(world) = world(*seeded_bug) else { continue };
            let machines = Machines::broken(*seeded_bug).unwrap();
            let exhaustive = Exhaustive::new(&machines).unwrap();
            let scenario = Scenario::named(world).unwrap();
            let found = exhaustive.search(&scenario, Bounds { depth: 100, states: 60_000 });
            println!("{seeded_bug:?}: {found}");
            if found.violation.is_none_or(|(_, way)| way.len() > MAX_PATH_LEN) {
                not_found.push(seeded_bug);
            }
        }
        assert!(not_found.is_empty(), "{not_found:?}");
    }
}
