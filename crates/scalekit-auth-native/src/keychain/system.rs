//! The system's keychain, through `keyring`.

#[cfg(target_os = "linux")]
use std::sync::atomic::Ordering;
use std::sync::{Arc, atomic::AtomicBool};

use ::keyring::{Entry, Error};
use zeroize::Zeroizing;

#[cfg(target_os = "linux")]
use super::keyring;
use super::{CredentialStore, KeychainError};

/// The entries of one service.
pub struct OsCredentialStore {
    service: String,
    /// Whether the user may be prompted for a new keyring.
    #[cfg(target_os = "linux")]
    may_ask: Arc<AtomicBool>,
    #[cfg(target_os = "linux")]
    secret_service: Option<std::sync::Arc<zbus_secret_service_keyring_store::Store>>,
}

impl OsCredentialStore {
    pub fn new(service: String, may_ask: Arc<AtomicBool>) -> Self {
        #[cfg(not(target_os = "linux"))]
        drop(may_ask);
        Self {
            service,
            #[cfg(target_os = "linux")]
            may_ask,
            #[cfg(target_os = "linux")]
            secret_service: None,
        }
    }

    /// Calls `work`; once more with a new connection where the existing one may be dead.
    fn with_entry<T>(
        &mut self,
        name: &str,
        work: impl Fn(&Entry) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let connected = self.is_connected();
        let first = self.entry(name).and_then(|entry| work(&entry));
        match first {
            Err(Error::PlatformFailure(_)) if connected => {
                self.disconnect();
                self.entry(name).and_then(|entry| work(&entry))
            }
            outcome => outcome,
        }
    }

    /// `keyring` connects once in the life of the process and does not find a keychain that is started later.
    /// So this store has its own connection.
    #[cfg(target_os = "linux")]
    fn entry(&mut self, name: &str) -> Result<Entry, Error> {
        use keyring_core::api::CredentialStoreApi;
        let store = match &self.secret_service {
            Some(store) => store,
            None => {
                let store = zbus_secret_service_keyring_store::Store::new()?;
                self.secret_service.insert(store)
            }
        };
        Ok(Entry { inner: store.build(&self.service, name, None)? })
    }

    #[cfg(not(target_os = "linux"))]
    fn entry(&mut self, name: &str) -> Result<Entry, Error> {
        Entry::new(&self.service, name)
    }

    #[cfg(target_os = "linux")]
    fn is_connected(&self) -> bool {
        self.secret_service.is_some()
    }

    #[cfg(not(target_os = "linux"))]
    fn is_connected(&self) -> bool {
        false
    }

    /// Prompts the user for a keyring if `may_ask` is set, and resets it.
    #[cfg(target_os = "linux")]
    fn make_keyring(&self) -> Result<(), KeychainError> {
        if !self.may_ask.swap(false, Ordering::AcqRel) {
            return Err(KeychainError::NotSetUp("There is no default keyring".to_owned()));
        }
        keyring::make().map_err(|why| KeychainError::NotSetUp(why.to_string()))
    }

    fn disconnect(&mut self) {
        #[cfg(target_os = "linux")]
        {
            self.secret_service = None;
        }
    }
}

impl CredentialStore for OsCredentialStore {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
        let found = self.with_entry(name, |entry| match entry.get_secret() {
            // Two processes created the entry at the same time. Any of them will do: the provider rejects an
            // outdated refresh token.
            Err(Error::Ambiguous(entries)) => {
                entries.last().map_or(Err(Error::NoEntry), keyring_core::Entry::get_secret)
            }
            outcome => outcome,
        });
        match found {
            Ok(value) => Ok(Some(Zeroizing::new(value))),
            Err(Error::NoEntry) => Ok(None),
            Err(why) => Err(failure(&why)),
        }
    }

    fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainError> {
        let set = |entry: &Entry| match entry.set_secret(value) {
            Err(Error::Ambiguous(entries)) => replace(&entries, value),
            outcome => outcome,
        };
        match self.with_entry(name, set) {
            #[cfg(target_os = "linux")]
            Err(why) if keyring::is_missing(&why) => {
                self.make_keyring()?;
                self.with_entry(name, set).map_err(|why| failure(&why))
            }
            outcome => outcome.map_err(|why| failure(&why)),
        }
    }

    fn remove(&mut self, name: &str) -> Result<(), KeychainError> {
        let removed = self.with_entry(name, |entry| match entry.delete_credential() {
            Err(Error::Ambiguous(entries)) => remove_all(&entries),
            outcome => outcome,
        });
        match removed {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(why) => Err(failure(&why)),
        }
    }
}

/// Writes to all of them, and then removes all but one: after an interruption at any point there is a value,
/// and afterwards the one that is left has the new value.
fn replace(entries: &[keyring_core::Entry], value: &[u8]) -> Result<(), Error> {
    // First the one that `get` reads.
    entries.iter().rev().try_for_each(|entry| entry.set_secret(value))?;
    entries.split_last().map_or(Ok(()), |(_, others)| remove_all(others))
}

fn remove_all(entries: &[keyring_core::Entry]) -> Result<(), Error> {
    entries.iter().try_for_each(keyring_core::Entry::delete_credential)
}

/// Maps an error, without the value: some errors of `keyring` contain it.
#[expect(clippy::wildcard_enum_match_arm, reason = "a list of `keyring`'s, and it may grow")]
fn failure(why: &Error) -> KeychainError {
    match why {
        Error::NoStorageAccess(why) => KeychainError::Locked(why.to_string()),
        Error::NoDefaultStore => KeychainError::Missing("No keychain service responds".to_owned()),
        Error::PlatformFailure(why) => platform_failure(&why.to_string(), &format!("{why:?}")),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            KeychainError::Failed("The entry is damaged".to_owned())
        }
        why => KeychainError::Failed(why.to_string()),
    }
}

/// Status codes of macOS for a keychain that is locked or that the user did not unlock, which `keyring`
/// reports as a platform failure: `errSecUserCanceled`, `errSecAuthFailed`,
/// `errSecInteractionNotAllowed`, `errSecInteractionRequired`.
const NOT_UNLOCKED: [&str; 4] = ["-128", "-25293", "-25308", "-25315"];

/// Error messages that mean that there is no D-Bus session bus, or no Secret Service on it.
const NOBODY: [&str; 5] = [
    "no secret service provider or dbus session found",
    "ServiceUnknown",
    "NameHasNoOwner",
    "not provided by any .service",
    "Connection refused",
];

/// Error messages that mean that the Secret Service did not respond in time.
const NOT_IN_TIME: [&str; 4] =
    ["DBus.Error.NoReply", "DBus.Error.Timeout", "DBus.Error.TimedOut", "timed out"];

/// Maps a platform failure by its messages (`Display` and `Debug`), as the error's type belongs to a crate
/// that differs between operating systems.
fn platform_failure(message: &str, shown: &str) -> KeychainError {
    let contains_any = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    let status =
        shown.strip_prefix("Error { code: ").and_then(|rest| rest.split([',', ' ']).next());
    let no_socket = message.contains("Failed to connect to address")
        && message.contains("No such file or directory");
    if status.is_some_and(|status| NOT_UNLOCKED.contains(&status)) {
        KeychainError::Locked(message.to_owned())
    } else if no_socket || contains_any(&NOBODY) {
        KeychainError::Missing(message.to_owned())
    } else if contains_any(&NOT_IN_TIME) {
        KeychainError::Slow
    } else {
        KeychainError::Failed(message.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        any::Any,
        sync::{
            Arc, Mutex,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use keyring_core::api::{Credential, CredentialApi};

    use super::*;

    type Values = Arc<Mutex<Vec<Option<Vec<u8>>>>>;

    /// One of several entries with the same name, in a keychain that fails after a number of writes.
    #[derive(Debug)]
    struct One {
        number: usize,
        values: Values,
        writes_left: Arc<AtomicUsize>,
    }

    impl One {
        fn write(&self, value: Option<Vec<u8>>) -> Result<(), Error> {
            self.writes_left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .map_err(|_| Error::PlatformFailure("the power went".into()))?;
            self.values.lock().unwrap()[self.number] = value;
            Ok(())
        }
    }

    impl CredentialApi for One {
        fn set_secret(&self, secret: &[u8]) -> Result<(), Error> {
            self.write(Some(secret.to_vec()))
        }

        fn get_secret(&self) -> Result<Vec<u8>, Error> {
            self.values.lock().unwrap()[self.number].clone().ok_or(Error::NoEntry)
        }

        fn delete_credential(&self) -> Result<(), Error> {
            self.write(None)
        }

        fn get_credential(&self) -> Result<Option<Arc<Credential>>, Error> {
            Ok(None)
        }

        fn get_specifiers(&self) -> Option<(String, String)> {
            None
        }

        fn as_any(&self) -> &dyn Any {
            self
        }
    }

    #[test]
    fn keychain_ambiguous_entries_are_replaced_without_loss() {
        let (old, new) = (Some(b"old".to_vec()), Some(b"new".to_vec()));
        for writes in 0..=5 {
            let values: Values = Arc::new(Mutex::new(vec![old.clone(); 3]));
            let writes_left = Arc::new(AtomicUsize::new(writes));
            let entries: Vec<_> = (0..3)
                .map(|number| {
                    let (values, writes_left) = (Arc::clone(&values), Arc::clone(&writes_left));
                    keyring_core::Entry::new_with_credential(Arc::new(One {
                        number,
                        values,
                        writes_left,
                    }))
                })
                .collect();
            let outcome = replace(&entries, b"new");
            let left = values.lock().unwrap().clone();
            assert_eq!(outcome.is_ok(), writes == 5);
            // `get` reads the last one.
            assert_eq!(left[2], if writes == 0 { old.clone() } else { new.clone() }, "{writes}");
            let removed = left.iter().filter(|value| value.is_none()).count();
            assert!(removed == 0 || !left.contains(&old), "{writes}: {left:?}");
            assert_eq!(outcome.is_ok(), removed == 2);
        }
    }

    #[test]
    fn keychain_dbus_errors_map_to_missing_slow_or_failed() {
        let kind = |message: &str| failure(&Error::PlatformFailure(message.into()));
        for message in [
            "no secret service provider or dbus session found",
            "zbus error: org.freedesktop.DBus.Error.ServiceUnknown: The name org.freedesktop.secrets was not provided by any .service files",
            "zbus error: Failed to connect to address `unix:path=/run/user/1000/bus`: No such file or directory (os error 2)",
            "zbus error: I/O error: Connection refused (os error 111)",
        ] {
            assert_eq!(kind(message), KeychainError::Missing(message.to_owned()));
        }
        for message in [
            "zbus error: org.freedesktop.DBus.Error.NoReply: Did not receive a reply",
            "zbus error: org.freedesktop.DBus.Error.TimedOut: Failed to activate service 'org.freedesktop.secrets': timed out (service_start_timeout=120000ms)",
            "zbus error: I/O error: timed out",
        ] {
            assert_eq!(kind(message), KeychainError::Slow, "{message}");
        }
        for message in [
            "zbus error: org.freedesktop.DBus.Error.LimitsExceeded: Too many connections",
            "zbus error: D-Bus handshake failed: closed",
            "Crypto error: no key",
        ] {
            assert_eq!(kind(message), KeychainError::Failed(message.to_owned()));
        }
    }

    /// With the `Debug` format of `security_framework::base::Error`.
    #[test]
    fn keychain_macos_auth_errors_are_reported_as_locked() {
        for (code, locked) in
            [(-25308, true), (-25293, true), (-128, true), (-25315, true), (-50, false)]
        {
            let shown = format!("Error {{ code: {code}, message: \"Why.\" }}");
            let failure = failure(&Error::PlatformFailure(Box::new(Shown(shown))));
            let message = "Why.".to_owned();
            let expected = if locked {
                KeychainError::Locked(message)
            } else {
                KeychainError::Failed(message)
            };
            assert_eq!(failure, expected, "{code}");
        }
    }

    struct Shown(String);

    impl std::fmt::Debug for Shown {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(&self.0)
        }
    }

    impl std::fmt::Display for Shown {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Why.")
        }
    }

    impl std::error::Error for Shown {}
}
