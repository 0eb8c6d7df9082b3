//! The self-check: whether everything that a sign-in depends on works on this computer.
//!
//! The checks are performed by the caller; here their results become findings, and findings become a report. A
//! report contains no secret.

mod environment;
mod finding;

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::{
    problem::{MAX_DETAIL_LEN, Problem, fill, printable},
    session::{KeychainError, SchemeHandler},
};

pub use environment::{
    EnvironmentResponse, RedirectUriCheck, SeenCertificate, environment_findings,
    redirect_uri_checks, unconfigured_findings,
};
pub use finding::{CheckName, FindingCode, FindingLevel, FindingText, Remedy};

/// The maximum length of a parameter, in characters: that of an environment URL.
const MAX_PARAMETER_CHARS: usize = 256;

/// What one check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Which check.
    pub check: CheckName,
    /// What it has found.
    pub code: FindingCode,
    /// How much that matters.
    pub level: FindingLevel,
    /// What it has found, in English.
    pub message: String,
    /// What to do, in English, where there is something to do.
    pub advice: Option<String>,
    /// The values of the sentences by their names, for a catalogue in another language.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, string>"))]
    pub parameters: BTreeMap<&'static str, String>,
    /// What the system or the environment reported about it, if anything.
    pub detail: Option<String>,
    /// The problem with the advice, where one does.
    pub problem: Option<Problem>,
    /// What mends it, if an application can do something about it.
    pub remedy: Option<Remedy>,
}

/// What all checks have found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SelfCheckReport {
    /// That of the worst finding.
    pub level: FindingLevel,
    /// One for each check, in the order of [`CheckName`]; an optional one may be left out.
    pub findings: Vec<Finding>,
}

impl Finding {
    /// A finding with this code. [`Finding::with`] adds the parameters of its sentences.
    #[must_use]
    pub fn new(check: CheckName, code: FindingCode) -> Self {
        Self {
            check,
            code,
            level: code.level(),
            message: code.english().finding.to_owned(),
            advice: advice_of(code, &BTreeMap::new()),
            parameters: BTreeMap::new(),
            detail: None,
            problem: None,
            remedy: code.remedy(),
        }
    }

    /// Adds a parameter of the sentences, truncated to 256 characters and sanitized for display.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.parameters.insert(name, printable(value.as_ref(), MAX_PARAMETER_CHARS));
        self.message = fill(self.code.english().finding, &self.parameters);
        if self.problem.is_none() {
            self.advice = advice_of(self.code, &self.parameters);
        }
        self
    }

    /// Adds a message of the system or the environment, truncated to 200 characters and sanitized for display.
    #[must_use]
    pub fn with_detail(mut self, detail: impl AsRef<str>) -> Self {
        let shown = printable(detail.as_ref(), MAX_DETAIL_LEN);
        self.detail = (!shown.is_empty()).then_some(shown);
        self
    }

    /// Adds the problem that describes the action to take.
    #[must_use]
    pub fn because(mut self, problem: Problem) -> Self {
        self.advice = Some(problem.message.clone());
        if let Some(detail) = &problem.detail {
            self = self.with_detail(detail);
        }
        self.problem = Some(problem);
        self
    }
}

fn advice_of(code: FindingCode, parameters: &BTreeMap<&'static str, String>) -> Option<String> {
    let advice = code.english().advice;
    (!advice.is_empty()).then(|| fill(advice, parameters))
}

impl SelfCheckReport {
    /// The report of these findings. A check without a finding has failed, unless it is optional.
    #[must_use]
    pub fn new(findings: Vec<Finding>) -> Self {
        let of = |check: &CheckName| {
            let found = findings.iter().find(|finding| finding.check == *check).cloned();
            let failed = || Finding::new(*check, FindingCode::CheckFailed);
            found.or_else(|| (!check.is_optional()).then(failed))
        };
        let findings: Vec<_> = CheckName::ALL.iter().filter_map(of).collect();
        let level = findings.iter().map(|finding| finding.level).max();
        Self { level: level.unwrap_or(FindingLevel::Ok), findings }
    }
}

/// In English, a few lines for each finding.
impl fmt::Display for SelfCheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            let level = match finding.level {
                FindingLevel::Ok => "ok",
                FindingLevel::Information => "information",
                FindingLevel::Caution => "caution",
                FindingLevel::Alarm => "alarm",
            };
            writeln!(f, "{level:<12} {}: {}", finding.check.english(), finding.message)?;
            if let Some(advice) = &finding.advice {
                writeln!(f, "{:<12} {advice}", "")?;
            }
            if let Some(detail) = &finding.detail {
                writeln!(f, "{:<12} ({detail})", "")?;
            }
        }
        Ok(())
    }
}

/// The result of sending a link through the desktop to this application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentLink {
    /// No link was sent.
    None,
    /// No program that opens links is installed.
    NoOpener,
    /// The link has arrived.
    Arrived,
    /// The link has not arrived before the timeout.
    Lost,
}

/// The finding for the scheme: the result of a sent link takes precedence over the desktop's entry.
#[must_use]
pub fn scheme_finding(entry: SchemeHandler, sent: SentLink) -> Finding {
    let finding = |code| Finding::new(CheckName::Scheme, code);
    match (entry, sent) {
        (SchemeHandler::Another(program), _) => {
            finding(FindingCode::SchemeTaken).with("program", program)
        }
        (SchemeHandler::Ours | SchemeHandler::Perhaps(_), SentLink::NoOpener) => {
            finding(FindingCode::SchemeNoOpener)
        }
        (SchemeHandler::Ours | SchemeHandler::Perhaps(_), SentLink::Arrived) => {
            finding(FindingCode::SchemeProved)
        }
        (SchemeHandler::Ours, SentLink::Lost) => finding(FindingCode::SchemeLost),
        (SchemeHandler::Ours | SchemeHandler::Unreachable, _) => finding(FindingCode::SchemeNamed),
        (SchemeHandler::Perhaps(program), SentLink::Lost | SentLink::None) => {
            finding(FindingCode::SchemeInDoubt).with("program", program)
        }
        (SchemeHandler::Nobody, _) => finding(FindingCode::SchemeNobody),
    }
}

/// The result of the check of a keychain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeychainOutcome {
    /// The entry was written, read and deleted.
    Works,
    /// The entry could not be written or read.
    Failed(KeychainError),
    /// The value that was read differs from the one written.
    Altered,
    /// The entry could not be deleted.
    NotDeleted(KeychainError),
}

/// The finding for the keychain.
#[must_use]
pub fn keychain_finding(outcome: KeychainOutcome) -> Finding {
    let finding = |code| Finding::new(CheckName::Keychain, code);
    match outcome {
        KeychainOutcome::Works => finding(FindingCode::KeychainWorks),
        KeychainOutcome::Altered => finding(FindingCode::KeychainAltered),
        KeychainOutcome::NotDeleted(KeychainError::Slow) => {
            finding(FindingCode::KeychainNotDeleted)
        }
        KeychainOutcome::NotDeleted(
            KeychainError::Locked(why)
            | KeychainError::Missing(why)
            | KeychainError::NotSetUp(why)
            | KeychainError::Failed(why),
        ) => finding(FindingCode::KeychainNotDeleted).with_detail(why),
        KeychainOutcome::Failed(KeychainError::Slow) => finding(FindingCode::KeychainSlow),
        KeychainOutcome::Failed(KeychainError::Locked(why)) => {
            finding(FindingCode::KeychainLocked).with_detail(why)
        }
        KeychainOutcome::Failed(KeychainError::Missing(why)) => {
            finding(FindingCode::KeychainMissing).with_detail(why)
        }
        KeychainOutcome::Failed(KeychainError::NotSetUp(why)) => {
            finding(FindingCode::KeychainNotSetUp).with_detail(why)
        }
        KeychainOutcome::Failed(KeychainError::Failed(why)) => {
            finding(FindingCode::KeychainFailed).with_detail(why)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use crate::problem::ProblemCode;

    #[test]
    fn finding_carries_the_advice_with_its_parameters() {
        let finding = Finding::new(CheckName::Proxy, FindingCode::ProxySignIn);
        let text = FindingCode::ProxySignIn.english().advice;
        assert_eq!(finding.advice.as_deref(), Some(text));
        assert_eq!(Finding::new(CheckName::Proxy, FindingCode::ProxyNone).advice, None);
    }

    #[test]
    fn finding_codes_have_a_sentence_of_their_own() {
        let sentences: BTreeSet<_> =
            FindingCode::ALL.iter().map(|code| code.english().finding).collect();
        assert_eq!(sentences.len(), FindingCode::ALL.len());
        for text in FindingCode::ALL.iter().map(|code| code.english()) {
            assert!(text.finding.ends_with('.'), "{text:?}");
            assert!(text.advice.is_empty() || text.advice.ends_with('.'), "{text:?}");
            assert!(!format!("{text:?}").to_lowercase().contains("latchkey"), "{text:?}");
        }
    }

    #[test]
    fn finding_that_needs_an_action_has_advice() {
        let by_problem = [
            FindingCode::DiscoveryUnreached,
            FindingCode::DiscoveryRejected,
            FindingCode::CertificateRejected,
        ];
        for code in FindingCode::ALL {
            if code.level() >= FindingLevel::Caution && !by_problem.contains(code) {
                assert!(!code.english().advice.is_empty(), "{code:?}");
            }
            if code.level() == FindingLevel::Ok {
                assert_eq!((code.english().advice, code.remedy()), ("", None), "{code:?}");
            }
        }
    }

    #[test]
    fn finding_parameters_have_known_names() {
        let known = ["program", "environment", "proxy", "issuer", "apart", "address"];
        for code in FindingCode::ALL {
            let FindingText { finding, advice } = code.english();
            for part in format!("{finding}{advice}").split('{').skip(1) {
                let name = part.split('}').next().unwrap();
                assert!(known.contains(&name), "{code:?}: {name}");
            }
        }
    }

    #[test]
    fn report_has_each_check_once_and_the_worst_level() {
        let finding = Finding::new;
        let report = SelfCheckReport::new(
            CheckName::ALL
                .iter()
                .rev()
                .map(|check| {
                    let code = if *check == CheckName::Clock {
                        FindingCode::ClockAhead
                    } else {
                        FindingCode::InstanceNotRunning
                    };
                    finding(*check, code)
                })
                .collect(),
        );
        let checks: Vec<_> = report.findings.iter().map(|finding| finding.check).collect();
        assert_eq!(checks, CheckName::ALL);
        assert_eq!(report.level, FindingLevel::Caution);
    }

    #[test]
    fn report_without_a_finding_of_a_check_shows_it_failed() {
        let report = SelfCheckReport::new(vec![Finding::new(
            CheckName::Keychain,
            FindingCode::KeychainWorks,
        )]);
        let failed = report.findings.iter().filter(|one| one.code == FindingCode::CheckFailed);
        // Without that of the keychain, and of the loopback redirect URI.
        assert_eq!(failed.count(), CheckName::ALL.len() - 2);
        assert_eq!(report.findings.len(), CheckName::ALL.len() - 1);
        assert_eq!(report.level, FindingLevel::Caution);
    }

    #[test]
    fn finding_values_are_filled_and_sanitized() {
        let finding = Finding::new(CheckName::Scheme, FindingCode::SchemeTaken)
            .with("program", "/opt/\u{202e}a\n{program}")
            .with_detail("x\u{1b}[2J");
        assert!(finding.message.ends_with("another program: /opt/a{program}."), "{finding:?}");
        assert_eq!(finding.detail.as_deref(), Some("x[2J"));
    }

    #[test]
    fn finding_with_a_problem_takes_its_advice_and_detail() {
        let problem = Problem::new(ProblemCode::EnvironmentNotFound).with_detail("Status 404");
        let finding = Finding::new(CheckName::Discovery, FindingCode::DiscoveryRejected)
            .because(problem.clone())
            .with("environment", "https://acme.example");
        assert_eq!(finding.advice.as_deref(), Some(&*problem.message));
        assert_eq!(finding.detail.as_deref(), Some("Status 404"));
    }

    #[test]
    fn scheme_finding_trusts_a_sent_link_more_than_the_entry() {
        let perhaps = || SchemeHandler::Perhaps("script".to_owned());
        for (entry, sent, code) in [
            (SchemeHandler::Ours, SentLink::Arrived, FindingCode::SchemeProved),
            (SchemeHandler::Ours, SentLink::Lost, FindingCode::SchemeLost),
            (SchemeHandler::Ours, SentLink::None, FindingCode::SchemeNamed),
            (perhaps(), SentLink::Arrived, FindingCode::SchemeProved),
            (perhaps(), SentLink::Lost, FindingCode::SchemeInDoubt),
            (perhaps(), SentLink::None, FindingCode::SchemeInDoubt),
            (SchemeHandler::Nobody, SentLink::None, FindingCode::SchemeNobody),
            (SchemeHandler::Ours, SentLink::NoOpener, FindingCode::SchemeNoOpener),
            (perhaps(), SentLink::NoOpener, FindingCode::SchemeNoOpener),
            (SchemeHandler::Another("x".into()), SentLink::None, FindingCode::SchemeTaken),
            (SchemeHandler::Another("x".into()), SentLink::Arrived, FindingCode::SchemeTaken),
        ] {
            assert_eq!(scheme_finding(entry.clone(), sent).code, code, "{entry:?} {sent:?}");
        }
    }

    #[test]
    fn keychain_finding_names_what_failed() {
        let failed = |why| keychain_finding(KeychainOutcome::Failed(why)).code;
        assert_eq!(failed(KeychainError::Locked("a".into())), FindingCode::KeychainLocked);
        assert_eq!(failed(KeychainError::Missing("a".into())), FindingCode::KeychainMissing);
        assert_eq!(failed(KeychainError::NotSetUp("a".into())), FindingCode::KeychainNotSetUp);
        assert_eq!(failed(KeychainError::Slow), FindingCode::KeychainSlow);
        assert_eq!(failed(KeychainError::Failed("a".into())), FindingCode::KeychainFailed);
        let finding =
            keychain_finding(KeychainOutcome::NotDeleted(KeychainError::Locked("a".into())));
        assert_eq!(finding.code, FindingCode::KeychainNotDeleted);
        assert_eq!(finding.detail.as_deref(), Some("a"));
        assert_eq!(keychain_finding(KeychainOutcome::Altered).code, FindingCode::KeychainAltered);
        assert_eq!(keychain_finding(KeychainOutcome::Works).code, FindingCode::KeychainWorks);
    }

    #[test]
    fn report_in_english_has_a_line_for_each_finding() {
        let report = SelfCheckReport::new(vec![
            Finding::new(CheckName::Keychain, FindingCode::KeychainLocked).with_detail("IsLocked"),
        ]);
        let text = report.to_string();
        assert!(text.contains("caution      Keychain: The keychain is locked.\n"), "{text}");
        assert!(text.contains("\n             (IsLocked)\n"), "{text}");
        for check in CheckName::ALL {
            let line = format!(" {}: ", check.english());
            assert_eq!(text.contains(&line), !check.is_optional(), "{text}");
        }
    }
}
