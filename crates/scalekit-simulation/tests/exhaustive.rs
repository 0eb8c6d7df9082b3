//! A small dose of the search through all orders. `cargo xtask simulate --exhaustive` goes further.
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

#[cfg(feature = "broken")]
mod broken {
    use super::*;
    use scalekit_auth::machine::Breakage;
    use scalekit_simulation::exhaustive::Scenario;

    /// The world in which each is found, with budgets that are just large enough.
    fn world(breakage: Breakage) -> &'static str {
        match breakage {
            Breakage::NoLock | Breakage::NoSecondReading => "two processes refresh",
            Breakage::LockGivenBackEarly => "two processes refresh, and something fails",
            Breakage::NoJournal => "two processes refresh, and one crashes",
            Breakage::TokensGivenEarly
            | Breakage::TroubleEndsTheSession
            | Breakage::NoPaceForRefusedTokens => "callers",
            Breakage::NoNoteOfTheEnd | Breakage::UnreadableEndedIsEmpty => "signing out goes wrong",
            Breakage::SettingsDropTheSession => "the settings change",
            Breakage::LostAnswersForgottenInMemory => "no keychain",
            Breakage::LostAnswersForgottenWithoutJournal => "files fail while answers are lost",
            Breakage::CallersWaitForever => "a stranger has the lock, and a token is refused",
            Breakage::SessionNamedByAccessToken => {
                "an environment that gives an access token twice"
            }
            Breakage::AnySubjectOfAccessToken => "an answer is about somebody else",
        }
    }

    /// A way is longer than this only where a machine has become hard to break.
    const LONGEST: usize = 20;

    #[test]
    fn exhaustive_search_finds_each_seeded_bug_in_20_steps() {
        let mut not_found = Vec::new();
        for breakage in Breakage::ALL {
            let machines = Machines::broken(*breakage).unwrap();
            let exhaustive = Exhaustive::new(&machines).unwrap();
            let scenario = Scenario::named(world(*breakage)).unwrap();
            let found = exhaustive.search(&scenario, Bounds { depth: 100, states: 60_000 });
            println!("{breakage:?}: {found}");
            if found.violation.is_none_or(|(_, way)| way.len() > LONGEST) {
                not_found.push(breakage);
            }
        }
        assert!(not_found.is_empty(), "{not_found:?}");
    }
}
