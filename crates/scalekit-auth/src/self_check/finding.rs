//! The findings of the self-check, each with its English text, its level and its remedy.

use serde::Serialize;

/// A part of the computer or of the environment that a sign-in depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum CheckName {
    /// Who gets links of the application's scheme.
    Scheme,
    /// Whether a second process reaches the running one.
    Instance,
    /// Whether an entry can be written, read and deleted.
    Keychain,
    /// Whether the environment can be reached and describes itself as it should.
    Discovery,
    /// Which proxy the requests go through.
    Proxy,
    /// Who has issued the environment's certificate, and whether it is trusted.
    Certificate,
    /// How far this computer's clock is from the environment's.
    Clock,
    /// Whether the redirect URI is registered.
    RedirectUri,
    /// Whether the loopback redirect URI is registered. Only where one is configured.
    LoopbackRedirectUri,
}

impl CheckName {
    /// All of them, in the order of a report.
    pub const ALL: &[Self] = &[
        Self::Scheme,
        Self::Instance,
        Self::Keychain,
        Self::Discovery,
        Self::Proxy,
        Self::Certificate,
        Self::Clock,
        Self::RedirectUri,
        Self::LoopbackRedirectUri,
    ];

    /// Whether a report may be without it.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::LoopbackRedirectUri)
    }

    /// What it is called in English.
    #[must_use]
    pub const fn english(self) -> &'static str {
        match self {
            Self::Scheme => "Links from the browser",
            Self::Instance => "Second start",
            Self::Keychain => "Keychain",
            Self::Discovery => "Sign-in service",
            Self::Proxy => "Proxy",
            Self::Certificate => "Certificate",
            Self::Clock => "Clock",
            Self::RedirectUri => "Redirect URI",
            Self::LoopbackRedirectUri => "Second redirect URI",
        }
    }
}

/// How much a finding matters. The worst one is that of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum FindingLevel {
    /// It is as it should be.
    Ok,
    /// It could not be checked, or is worth knowing.
    Information,
    /// A sign-in may fail, or is not stored.
    Caution,
    /// A sign-in fails.
    Alarm,
}

/// What an application can do about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Remedy {
    /// Register the scheme where that can be done, and look again who gets the links.
    CheckLinks,
    /// Let the user change the settings.
    OpenSettings,
    /// Check again: what is in the way is for the user to remove, such as the lock of a keychain.
    CheckAgain,
}

/// The English text of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FindingText {
    /// What was found. `{name}` is a parameter of the finding.
    pub finding: &'static str,
    /// The action to take. Empty where there is none, or where a problem describes it.
    pub advice: &'static str,
}

macro_rules! findings {
    ($($(#[$meta:meta])* $code:ident: $level:ident, $remedy:expr, $finding:literal, $advice:literal;)+) => {
        /// What a check has found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(rename_all = "camelCase")]
        pub enum FindingCode {
            $($(#[$meta])* $code,)+
        }

        impl FindingCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code,)+];

            /// How much it matters.
            #[must_use]
            pub const fn level(self) -> FindingLevel {
                match self {
                    $(Self::$code => FindingLevel::$level,)+
                }
            }

            /// What mends it, if an application can do something about it.
            #[must_use]
            pub const fn remedy(self) -> Option<Remedy> {
                match self {
                    $(Self::$code => $remedy,)+
                }
            }

            /// Its text in English.
            #[must_use]
            pub const fn english(self) -> FindingText {
                match self {
                    $(Self::$code => FindingText { finding: $finding, advice: $advice },)+
                }
            }
        }
    };
}

const CHECK_LINKS: Option<Remedy> = Some(Remedy::CheckLinks);
const OPEN_SETTINGS: Option<Remedy> = Some(Remedy::OpenSettings);
const CHECK_AGAIN: Option<Remedy> = Some(Remedy::CheckAgain);

// A sentence names no product: other applications show it as well.
findings! {
    /// A link that was sent through the desktop has arrived.
    SchemeProved: Ok, None,
        "A link that was sent through the desktop arrived at this application.",
        "";
    /// The system names this application, and no link was sent.
    SchemeNamed: Information, None,
        "The system names this application for its links. That was not proved with a link.",
        "";
    /// Another check sends a link at the moment.
    SchemeBusy: Information, CHECK_AGAIN,
        "The links are being checked already.",
        "Wait a few seconds, then check again.";
    /// The desktop starts something that may or may not be this application, and no link has arrived.
    SchemeInDoubt: Caution, CHECK_LINKS,
        "Links from the browser open {program}, which may or may not start this application. No link has arrived.",
        "If a sign-in does not come back from the browser, set the links up again.";
    /// The desktop starts another program.
    SchemeTaken: Alarm, CHECK_LINKS,
        "Links from the browser open another program: {program}.",
        "Set the links up again. If that does not help, make this application the default for these links, or remove the other program.";
    /// Nothing opens the links.
    SchemeNobody: Alarm, CHECK_LINKS,
        "Nothing on this computer opens the links of this application.",
        "Set the links up again. If that does not help, install this application with its package, and make sure that it may write into the folder for applications (on Linux ~/.local/share/applications).";
    /// No program that opens links is installed.
    SchemeNoOpener: Alarm, CHECK_AGAIN,
        "No program that opens links is installed on this computer, so a sign-in does not come back from the browser.",
        "Install xdg-utils, then check again.";
    /// The desktop names this application, and a link has not arrived.
    SchemeLost: Alarm, CHECK_LINKS,
        "The desktop names this application for its links, but a link that was sent did not arrive.",
        "Set the links up again. If that does not help, make sure that xdg-utils is installed, and install this application with its package.";
    /// The running instance has taken what a second process sent.
    InstanceAnswers: Ok, None,
        "The running application answers a second start.",
        "";
    /// No instance is running.
    InstanceNotRunning: Information, None,
        "This application is not running, so no second start was tried.",
        "";
    /// Whether an instance is running cannot be told.
    InstanceUnknown: Information, None,
        "Whether a second start reaches the running application could not be told.",
        "Make sure that this application may write into its own data folder.";
    /// The running instance does not answer.
    InstanceSilent: Alarm, CHECK_AGAIN,
        "This application is running, but does not answer a second start, so a link would not arrive.",
        "Close it and start it again. If it does not close, end it in the system's list of processes.";
    /// The running instance could make no socket.
    InstanceNoSocket: Alarm, None,
        "The running application could make no socket, so a second start cannot hand its link over.",
        "Make sure that XDG_RUNTIME_DIR names a folder of yours on a local disk, then start this application again.";
    /// An entry was written, read and deleted.
    KeychainWorks: Ok, None,
        "An entry for this check was written, read and deleted.",
        "";
    /// The keychain is locked.
    KeychainLocked: Caution, CHECK_AGAIN,
        "The keychain is locked.",
        "Unlock it, then check again. A password window may be hidden behind this one.";
    /// There is no keychain service.
    KeychainMissing: Caution, CHECK_AGAIN,
        "No keychain service is running on this computer, so a sign-in cannot be saved.",
        "Start one, such as GNOME Keyring or KWallet, then check again.";
    /// The keychain service has no keyring.
    KeychainNotSetUp: Caution, CHECK_AGAIN,
        "The keychain service has no keyring, so a sign-in cannot be saved.",
        "Create a keyring, or sign in and choose a password for a new one when you are asked.";
    /// The keychain does not answer in time.
    KeychainSlow: Caution, CHECK_AGAIN,
        "The keychain does not answer.",
        "It may be waiting for you to unlock it, in a window hidden behind this one. Unlock it, then check again.";
    /// The keychain fails in some other way.
    KeychainFailed: Caution, CHECK_AGAIN,
        "The keychain failed, so a sign-in cannot be saved.",
        "Check again. If it fails again, restart the computer.";
    /// The entry cannot be deleted.
    KeychainNotDeleted: Caution, CHECK_AGAIN,
        "The keychain did not delete the entry of this check, so a sign-in may stay in it after you sign out.",
        "Unlock the keychain, allow this application to delete entries in it, then check again.";
    /// What was read is not what was written.
    KeychainAltered: Alarm, CHECK_AGAIN,
        "The keychain did not return what was written to it, so a sign-in cannot be saved.",
        "Check again. If it happens again, update the keychain service, or use another one.";
    /// The discovery document is valid.
    DiscoveryValid: Ok, None,
        "The sign-in service at {environment} answers as it should.",
        "";
    /// There are no settings that can be used.
    NotConfigured: Caution, OPEN_SETTINGS,
        "This application is not set up for a sign-in service.",
        "Enter the environment URL and the client ID in the settings.";
    /// The environment is not reached, or does not work. The problem says why.
    DiscoveryUnreached: Alarm, CHECK_AGAIN,
        "The sign-in service at {environment} does not answer as it should.",
        "";
    /// What answers is not the environment. The problem says why.
    DiscoveryRejected: Alarm, OPEN_SETTINGS,
        "What answers at {environment} cannot be used.",
        "";
    /// Requests go through no proxy.
    ProxyNone: Ok, None,
        "Requests to the sign-in service go through no proxy.",
        "";
    /// Requests go through a proxy, and are answered.
    ProxyUsed: Ok, None,
        "Requests to the sign-in service go through the proxy {proxy}.",
        "";
    /// Requests go through a proxy, and are not answered.
    ProxyInDoubt: Caution, CHECK_AGAIN,
        "Requests to the sign-in service go through the proxy {proxy} and are not answered.",
        "Check the system's proxy settings, or the variables HTTPS_PROXY and ALL_PROXY if they are set.";
    /// The proxy wants to be signed in to.
    ProxySignIn: Alarm, CHECK_AGAIN,
        "The proxy {proxy} wants a sign-in of its own.",
        "Enter the proxy's user name and password in the system's proxy settings, or ask your administrator, then check again.";
    /// The certificate is trusted.
    CertificateTrusted: Ok, None,
        "The certificate is trusted. Its issuer is {issuer}.",
        "";
    /// There is none: plain HTTP to this computer.
    CertificateLocal: Information, None,
        "The connection is not encrypted. It does not leave this computer.",
        "";
    /// The certificate is rejected. The problem says why.
    CertificateRejected: Alarm, CHECK_AGAIN,
        "The certificate is not trusted. Its issuer is {issuer}.",
        "";
    /// The two clocks agree.
    ClockRight: Ok, None,
        "This computer's clock and the sign-in service's agree.",
        "";
    /// The sign-in service has told no time.
    ClockUnknown: Information, None,
        "The sign-in service did not give its time.",
        "";
    /// This computer's clock is ahead by minutes.
    ClockAhead: Caution, CHECK_AGAIN,
        "This computer's clock is ahead of the sign-in service's by {apart} (hours:minutes:seconds).",
        "Set the clock, then check again.";
    /// This computer's clock is behind by minutes.
    ClockBehind: Caution, CHECK_AGAIN,
        "This computer's clock is behind the sign-in service's by {apart} (hours:minutes:seconds).",
        "Set the clock, then check again.";
    /// This computer's clock is ahead by more than a sign-in is reliable with.
    ClockFarAhead: Alarm, CHECK_AGAIN,
        "This computer's clock is wrong: it is ahead of the sign-in service's by {apart} (hours:minutes:seconds).",
        "Set the clock and its time zone, then check again. Until then sign-ins and other programs may fail.";
    /// This computer's clock is behind by more than a sign-in is reliable with.
    ClockFarBehind: Alarm, CHECK_AGAIN,
        "This computer's clock is wrong: it is behind the sign-in service's by {apart} (hours:minutes:seconds).",
        "Set the clock and its time zone, then check again. Until then sign-ins and other programs may fail.";
    /// The environment sends its answer to the redirect URI.
    RedirectUriRegistered: Ok, None,
        "The sign-in service sends its answers to {address}.",
        "";
    /// The environment's response shows neither.
    RedirectUriUnknown: Information, None,
        "Whether {address} is registered with the sign-in service could not be told.",
        "If the browser shows an error when you sign in, compare it with the address in the Scalekit dashboard.";
    /// The environment shows an error page in place of an answer.
    RedirectUriRejected: Alarm, OPEN_SETTINGS,
        "The sign-in service does not accept {address} together with the client ID of the settings.",
        "Register this address in the Scalekit dashboard, exactly as it is here, and compare the client ID there with the one in the settings.";
    /// The environment shows an error page in place of an answer to the loopback redirect URI.
    LoopbackRedirectUriRejected: Caution, OPEN_SETTINGS,
        "The sign-in service does not accept {address} together with the client ID of the settings, so the browser has no other way back where a link does not arrive.",
        "Register this address in the Scalekit dashboard too, exactly as it is here, and compare the client ID there with the one in the settings.";
    /// The environment accepts the loopback redirect URI with the registered port only (against RFC 8252 §7.3).
    LoopbackPortCompared: Caution, None,
        "The sign-in service accepts {address} without a port only, so the browser has no other way back where a link does not arrive.",
        "In the configuration of this application, set a fixed port for the second redirect URI, and register the address with that port in the Scalekit dashboard.";
    /// It depends on an answer that did not come.
    NotChecked: Information, None,
        "This was not checked, because it needs an answer from the sign-in service.",
        "";
    /// The check has not ended in time.
    TimedOut: Caution, CHECK_AGAIN,
        "This check took too long and was stopped.",
        "Check again.";
    /// The check has ended in a panic.
    CheckFailed: Caution, CHECK_AGAIN,
        "An error in this application kept it from checking this.",
        "Check again. If it happens again, start this application again.";
}
