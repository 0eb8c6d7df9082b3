//! The self-check: its checks run concurrently, each with its own timeout.

use std::{path::PathBuf, time::Duration};

use scalekit_auth::{
    CheckName, Configuration, EnvironmentResponse, Finding, FindingCode, KeychainError,
    KeychainOutcome, Problem, RedirectUriCheck, SelfCheckReport, discovery_request,
    environment_findings, keychain_finding, redirect_uri_checks, unconfigured_findings,
};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::{
    clock::now,
    entropy,
    http::HttpClient,
    instance::{InstanceDir, InstanceState, probe},
    keychain::Keychain,
    scheme::unexpected_probe_link,
};

/// The delivery of a link through the desktop takes ten seconds at most.
const SCHEME_TIMEOUT: Duration = Duration::from_secs(20);

/// Connecting, sending, and examining the lock.
const INSTANCE_TIMEOUT: Duration = Duration::from_secs(8);

/// Three operations with the keychain's own timeout.
const KEYCHAIN_TIMEOUT: Duration = Duration::from_secs(50);

/// The timeouts of the desktop's proxy resolver and of the HTTP client.
const ENVIRONMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// The adapters and settings that a self-check needs.
pub struct SelfCheck {
    /// The client for the environment. A new connection is made, so that a certificate is presented.
    pub http: HttpClient,
    /// The system's keychain; not the session's, so that neither waits for the other.
    pub keychain: Keychain,
    /// The configuration, or the problem of the settings, if there is one.
    pub configuration: Result<Configuration, Option<Problem>>,
}

/// Performs all checks. Those of the scheme and of the instance depend on the application, which passes their
/// futures.
pub async fn self_check(
    parts: SelfCheck,
    scheme: impl Future<Output = Finding> + Send + 'static,
    instance: impl Future<Output = Finding> + Send + 'static,
) -> SelfCheckReport {
    let SelfCheck { http, keychain, configuration } = parts;
    let (scheme, instance, keychain, environment) = tokio::join!(
        supervised(CheckName::Scheme, SCHEME_TIMEOUT, scheme),
        supervised(CheckName::Instance, INSTANCE_TIMEOUT, instance),
        supervised(CheckName::Keychain, KEYCHAIN_TIMEOUT, check_keychain(keychain)),
        check_environment(http.anew(), configuration),
    );
    SelfCheckReport::new([scheme, instance, keychain].into_iter().chain(environment).collect())
}

async fn supervised(
    check: CheckName,
    limit: Duration,
    work: impl Future<Output = Finding> + Send + 'static,
) -> Finding {
    run(limit, work).await.unwrap_or_else(|code| Finding::new(check, code))
}

/// Runs the check in a task of its own: a panic in it is a finding, and stops no other check.
async fn run<T: Send + 'static>(
    limit: Duration,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, FindingCode> {
    let mut task = tokio::spawn(work);
    match timeout(limit, &mut task).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(why)) => {
            tracing::error!(%why, "a check has failed");
            Err(FindingCode::CheckFailed)
        }
        Err(_) => {
            task.abort();
            Err(FindingCode::TimedOut)
        }
    }
}

/// The finding for the instance of an application: a probe link is handed over as a second instance does, and the
/// primary instance ignores it. `data` is the user's folder for local data.
pub async fn instance_finding(
    data: Option<PathBuf>,
    identifier: String,
    scheme: String,
) -> Finding {
    let finding = |code| Finding::new(CheckName::Instance, code);
    let Some(data) = data else { return finding(FindingCode::InstanceUnknown) };
    let place = InstanceDir::new(data, &identifier);
    match probe(&place, &[identifier, unexpected_probe_link(&scheme)]).await {
        Ok(InstanceState::Answers) => finding(FindingCode::InstanceAnswers),
        Ok(InstanceState::NotRunning) => finding(FindingCode::InstanceNotRunning),
        Ok(InstanceState::Silent) => finding(FindingCode::InstanceSilent),
        Ok(InstanceState::NoSocket) => finding(FindingCode::InstanceNoSocket),
        Err(why) => finding(FindingCode::InstanceUnknown).with_detail(why.to_string()),
    }
}

/// Like [`instance_finding`], in the primary instance itself; `is_reachable` is whether it has a socket.
pub async fn instance_finding_of_primary(
    data: Option<PathBuf>,
    identifier: String,
    scheme: String,
    is_reachable: bool,
) -> Finding {
    let found = instance_finding(data, identifier, scheme).await;
    if !is_reachable {
        return Finding::new(CheckName::Instance, FindingCode::InstanceNoSocket);
    }
    // This process runs, whatever its lock file shows.
    if found.code == FindingCode::InstanceNotRunning {
        return Finding::new(CheckName::Instance, FindingCode::InstanceSilent);
    }
    found
}

async fn check_keychain(keychain: Keychain) -> Finding {
    keychain_finding(keychain_outcome(&keychain).await)
}

/// Writes, reads and deletes an entry. Its name contains the process id, so that two processes do not share
/// one.
async fn keychain_outcome(keychain: &Keychain) -> KeychainOutcome {
    let name = format!("self-check-{}", std::process::id());
    let mut random = [0; 16];
    if let Err(why) = entropy::fill(&mut random) {
        return KeychainOutcome::Failed(KeychainError::Failed(why.to_string()));
    }
    let value: Zeroizing<Vec<u8>> =
        Zeroizing::new(random.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect());
    if let Err(why) = keychain.store(&name, value.clone()).await {
        // A late write is followed by this removal.
        let _ = timeout(Duration::ZERO, keychain.clear(&name)).await;
        return KeychainOutcome::Failed(why);
    }
    let read = keychain.load(&name).await;
    let deleted = keychain.clear(&name).await;
    let is_left = async || matches!(keychain.load(&name).await, Ok(Some(_)));
    match (read, deleted) {
        (Err(why), _) => KeychainOutcome::Failed(why),
        (Ok(read), _) if read.as_ref() != Some(&value) => KeychainOutcome::Altered,
        (Ok(_), Err(why)) => KeychainOutcome::NotDeleted(why),
        (Ok(_), Ok(())) if is_left().await => {
            KeychainOutcome::NotDeleted(KeychainError::Failed("It is still there".to_owned()))
        }
        (Ok(_), Ok(())) => KeychainOutcome::Works,
    }
}

async fn check_environment(
    http: HttpClient,
    configuration: Result<Configuration, Option<Problem>>,
) -> Vec<Finding> {
    let configuration = match configuration {
        Ok(configuration) => configuration,
        Err(problem) => return unconfigured_findings(problem),
    };
    let redirect_uris = redirect_uri_checks(&configuration);
    let checks_environment = ask_environment(http.clone(), configuration);
    let (mut findings, checks) = match run(ENVIRONMENT_TIMEOUT, checks_environment).await {
        Ok(done) => done,
        Err(code) => {
            let checks =
                [CheckName::Discovery, CheckName::Proxy, CheckName::Certificate, CheckName::Clock];
            let checks = checks.into_iter().chain(redirect_uris);
            return checks.map(|check| Finding::new(check, code)).collect();
        }
    };
    for check in checks {
        let (name, asks) = (check.name(), ask_redirect_uri(http.clone(), check));
        findings.push(supervised(name, ENVIRONMENT_TIMEOUT, asks).await);
    }
    findings
}

async fn ask_redirect_uri(http: HttpClient, check: RedirectUriCheck) -> Finding {
    let outcome = http.send(check.request()).await;
    match check.next(&outcome) {
        Some(next) => next.finding(&http.send(next.request()).await),
        None => check.finding(&outcome),
    }
}

async fn ask_environment(
    http: HttpClient,
    configuration: Configuration,
) -> (Vec<Finding>, Vec<RedirectUriCheck>) {
    let url = configuration.environment.at("/");
    let outcome = http.send(discovery_request(&configuration.environment)).await;
    // Afterwards: a proxy that could not be reached is no longer the first.
    let proxy = http.proxy_for(&url).await;
    let response = EnvironmentResponse {
        outcome,
        received: now().wall,
        proxy,
        certificate: http.certificate_of(&url),
    };
    match entropy::draw() {
        Ok(entropy) => environment_findings(&configuration, response, &entropy),
        Err(problem) => (unconfigured_findings(Some(problem)), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keychain::{CredentialStore, testing::Memory};
    use scalekit_auth::{EnvironmentUrl, FindingLevel, RedirectUris};

    fn parts(keychain: Keychain) -> SelfCheck {
        SelfCheck { http: HttpClient::new("test/1"), keychain, configuration: Err(None) }
    }

    fn memory() -> Keychain {
        Memory::default().keychain(usize::MAX, Duration::from_secs(15))
    }

    fn fine(check: CheckName) -> Finding {
        Finding::new(check, FindingCode::InstanceAnswers)
    }

    fn code_of(report: &SelfCheckReport, check: CheckName) -> FindingCode {
        report.findings.iter().find(|finding| finding.check == check).unwrap().code
    }

    #[tokio::test]
    async fn check_that_panics_leaves_the_others_alone() {
        let report = self_check(parts(memory()), async { panic!("panics on request") }, async {
            fine(CheckName::Instance)
        })
        .await;
        assert_eq!(code_of(&report, CheckName::Scheme), FindingCode::CheckFailed);
        assert_eq!(code_of(&report, CheckName::Instance), FindingCode::InstanceAnswers);
        assert_eq!(code_of(&report, CheckName::Keychain), FindingCode::KeychainWorks);
        assert_eq!(report.level, FindingLevel::Caution);
    }

    #[tokio::test(start_paused = true)]
    async fn check_that_hangs_is_stopped_and_reported() {
        let report =
            supervised(CheckName::Instance, INSTANCE_TIMEOUT, std::future::pending()).await;
        assert_eq!(report.code, FindingCode::TimedOut);
    }

    #[tokio::test]
    async fn keychain_check_leaves_no_entry_behind() {
        let memory = Memory::default();
        let keychain = memory.keychain(usize::MAX, Duration::from_secs(15));
        keychain.store("session", b"x".to_vec().into()).await.unwrap();
        assert_eq!(keychain_outcome(&keychain).await, KeychainOutcome::Works);
        assert_eq!(memory.names(), ["session"]);
    }

    /// A keychain that does one thing wrong.
    #[derive(Clone)]
    struct Broken(Memory, &'static str);

    impl CredentialStore for Broken {
        fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
            match self.1 {
                "get" => Err(KeychainError::Locked("locked".to_owned())),
                "other" => self.0.get(name).map(|one| one.map(|_| b"other".to_vec().into())),
                _ => self.0.get(name),
            }
        }

        fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainError> {
            match self.1 {
                "set" => Err(KeychainError::Missing("none".to_owned())),
                "lost" => Ok(()),
                _ => self.0.set(name, value),
            }
        }

        fn remove(&mut self, name: &str) -> Result<(), KeychainError> {
            match self.1 {
                "remove" => Err(KeychainError::Failed("read-only".to_owned())),
                "stays" => Ok(()),
                _ => self.0.remove(name),
            }
        }
    }

    #[tokio::test]
    async fn keychain_check_notices_each_broken_operation() {
        for (broken, code) in [
            ("set", FindingCode::KeychainMissing),
            ("get", FindingCode::KeychainLocked),
            ("lost", FindingCode::KeychainAltered),
            ("other", FindingCode::KeychainAltered),
            ("remove", FindingCode::KeychainNotDeleted),
            ("stays", FindingCode::KeychainNotDeleted),
            ("", FindingCode::KeychainWorks),
        ] {
            let store = Broken(Memory::default(), broken);
            let keychain = Keychain::with_entries(move || Box::new(store.clone()));
            assert_eq!(check_keychain(keychain).await.code, code, "{broken}");
        }
    }

    #[tokio::test]
    #[expect(
        clippy::await_holding_lock,
        reason = "the lock is the keychain's own, and it is what is slow"
    )]
    async fn keychain_check_deletes_an_entry_that_is_written_late() {
        let memory = Memory::default();
        let keychain = memory.keychain(usize::MAX, Duration::from_millis(20));
        let held = memory.hold();
        let outcome = keychain_outcome(&keychain).await;
        assert_eq!(outcome, KeychainOutcome::Failed(KeychainError::Slow));
        let (done, after) = tokio::sync::oneshot::channel();
        let values = memory.clone();
        keychain.after_all(move || drop(done.send(values.names())));
        drop(held);
        assert_eq!(after.await.unwrap(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn unreachable_environment_is_an_alarm_beside_good_findings() {
        let configuration = Configuration::new(
            EnvironmentUrl::parse("http://127.0.0.1:9").unwrap(),
            scalekit_auth::ClientId::parse("skc_1").unwrap(),
            RedirectUris::with_scheme("com.example.app").unwrap(),
        );
        let parts = SelfCheck { configuration: Ok(configuration), ..parts(memory()) };
        let report = self_check(parts, async { fine(CheckName::Scheme) }, async {
            fine(CheckName::Instance)
        })
        .await;
        assert_eq!(code_of(&report, CheckName::Discovery), FindingCode::DiscoveryUnreached);
        assert_eq!(code_of(&report, CheckName::Clock), FindingCode::NotChecked);
        assert_eq!(code_of(&report, CheckName::Keychain), FindingCode::KeychainWorks);
        assert_eq!(report.level, FindingLevel::Alarm);
    }
}
