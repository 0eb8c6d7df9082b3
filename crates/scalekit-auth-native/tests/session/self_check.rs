//! The self-check with its real HTTP client, with each part broken in turn.

use std::time::{Duration, SystemTime};

use scalekit_auth::{
    CheckName, Configuration, Finding, FindingCode, FindingLevel, LoopbackPort, ProblemCode,
    SelfCheckReport,
};
use scalekit_auth_native::{HttpClient, Keychain, SelfCheck, self_check};
use scalekit_dev::{Endpoint, Environment, InjectedFault, Options, Settings, Times};

use crate::{
    environment,
    program::{Memory, configuration, within_timeout},
};

async fn report(configuration: Configuration) -> SelfCheckReport {
    let memory = Memory::default();
    let finding = |check, code| async move { Finding::new(check, code) };
    within_timeout(self_check(
        SelfCheck {
            http: HttpClient::new("Latchkey-tests/0"),
            keychain: Keychain::with_entries(move || Box::new(memory.clone())),
            configuration: Ok(configuration),
        },
        finding(CheckName::Scheme, FindingCode::SchemeProved),
        finding(CheckName::Instance, FindingCode::InstanceAnswers),
    ))
    .await
}

fn of(report: &SelfCheckReport, check: CheckName) -> &Finding {
    report.findings.iter().find(|finding| finding.check == check).unwrap()
}

async fn with_fault(endpoint: Endpoint, fault: InjectedFault) -> SelfCheckReport {
    let environment = environment().await;
    environment.inject_fault(endpoint, fault, Times::Always);
    report(configuration(&environment)).await
}

#[tokio::test]
async fn self_check_of_a_good_environment_finds_nothing_to_do() {
    let environment = environment().await;
    let report = report(configuration(&environment)).await;
    let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(
        codes,
        [
            FindingCode::SchemeProved,
            FindingCode::InstanceAnswers,
            FindingCode::KeychainWorks,
            FindingCode::DiscoveryValid,
            FindingCode::ProxyNone,
            FindingCode::CertificateLocal,
            FindingCode::ClockRight,
            FindingCode::RedirectUriRegistered,
        ]
    );
    assert_eq!(report.level, FindingLevel::Information);
    assert!(environment.requests_to("/oauth/token").is_empty(), "it signed a user in");
}

#[tokio::test]
async fn self_check_reports_the_clock_of_another_date() {
    let ago = |time: Duration| InjectedFault::Header {
        name: "date".to_owned(),
        value: httpdate::fmt_http_date(SystemTime::now() - time),
    };
    for (time, code, level) in [
        (Duration::from_secs(120), FindingCode::ClockAhead, FindingLevel::Caution),
        (Duration::from_secs(7200), FindingCode::ClockFarAhead, FindingLevel::Alarm),
    ] {
        let report = with_fault(Endpoint::Discovery, ago(time)).await;
        assert_eq!(of(&report, CheckName::Clock).code, code);
        assert_eq!(report.level, level);
        assert_eq!(of(&report, CheckName::Discovery).code, FindingCode::DiscoveryValid);
    }
}

#[tokio::test]
async fn self_check_reports_a_redirect_uri_not_registered() {
    let settings = Settings {
        redirect_uris: vec!["com.example.other://callback".to_owned()],
        ..Settings::default()
    };
    let environment = Environment::start(settings).await.unwrap();
    let report = report(configuration(&environment)).await;
    let finding = of(&report, CheckName::RedirectUri);
    assert_eq!(finding.code, FindingCode::RedirectUriRejected);
    assert_eq!(finding.parameters["address"], "io.latchkey.desktop://callback");
    assert_eq!(report.level, FindingLevel::Alarm);
}

#[tokio::test]
async fn self_check_grades_each_loopback_redirect_uri() {
    let fixed = LoopbackPort::Fixed(49_200.try_into().unwrap());
    let any = LoopbackPort::Any;
    let (with_port, without) = ("http://127.0.0.1:49200/callback", "http://127.0.0.1/callback");
    for (port, registered, any_port, code, requests) in [
        (fixed, with_port, false, FindingCode::RedirectUriRegistered, 2),
        (fixed, without, true, FindingCode::RedirectUriRegistered, 2),
        (fixed, without, false, FindingCode::LoopbackRedirectUriRejected, 2),
        (any, without, true, FindingCode::RedirectUriRegistered, 2),
        (any, without, false, FindingCode::LoopbackPortCompared, 3),
        (any, with_port, false, FindingCode::LoopbackRedirectUriRejected, 3),
    ] {
        let mut settings = Settings {
            options: Options { any_loopback_port: any_port, ..Options::default() },
            ..Settings::default()
        };
        settings.redirect_uris.push(registered.to_owned());
        let environment = Environment::start(settings).await.unwrap();
        let configuration = Configuration { loopback: Some(port), ..configuration(&environment) };
        let report = report(configuration).await;
        let finding = of(&report, CheckName::LoopbackRedirectUri);
        assert_eq!(finding.code, code, "{port:?} {registered} {any_port}");
        let own = of(&report, CheckName::RedirectUri);
        assert_eq!(own.code, FindingCode::RedirectUriRegistered);
        assert_eq!(environment.requests_to("/oauth/authorize").len(), requests);
    }
}

#[tokio::test]
async fn self_check_raises_no_alarm_for_an_unclear_redirect() {
    for fault in [
        InjectedFault::Status { status: 429, retry_after: None },
        InjectedFault::Status { status: 503, retry_after: None },
        InjectedFault::DropBefore,
        InjectedFault::Redirect { location: "https://elsewhere.example/".into(), status: 302 },
    ] {
        let report = with_fault(Endpoint::Authorize, fault).await;
        assert_eq!(of(&report, CheckName::RedirectUri).code, FindingCode::RedirectUriUnknown);
        assert_eq!(report.level, FindingLevel::Information);
    }
}

#[tokio::test]
async fn self_check_reports_a_broken_discovery_with_its_problem() {
    for (fault, code, problem) in [
        (
            InjectedFault::Status { status: 503, retry_after: None },
            FindingCode::DiscoveryUnreached,
            ProblemCode::ServiceUnavailable,
        ),
        (InjectedFault::DropBefore, FindingCode::DiscoveryUnreached, ProblemCode::Offline),
        (
            InjectedFault::Member { member: "jwks_uri".into(), value: None },
            FindingCode::DiscoveryRejected,
            ProblemCode::EnvironmentInvalid,
        ),
    ] {
        let report = with_fault(Endpoint::Discovery, fault).await;
        let finding = of(&report, CheckName::Discovery);
        assert_eq!(finding.code, code);
        assert_eq!(finding.problem.as_ref().unwrap().code, problem);
        assert_eq!(of(&report, CheckName::RedirectUri).code, FindingCode::NotChecked);
        assert_eq!(of(&report, CheckName::Keychain).code, FindingCode::KeychainWorks);
    }
}
