//! The system's keychain through `keyring`.

use keyring::{Entry, Error};
use zeroize::Zeroizing;

use super::{Entries, KeychainFailure};

/// The entries of one service.
pub struct SystemEntries {
    service: String,
    #[cfg(target_os = "linux")]
    secret_service: Option<std::sync::Arc<zbus_secret_service_keyring_store::Store>>,
}

impl SystemEntries {
    pub fn new(service: String) -> Self {
        Self {
            service,
            #[cfg(target_os = "linux")]
            secret_service: None,
        }
    }

    /// Does it; once more where the connection may have died since the last time.
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

    /// `keyring` connects once for the life of the process, and a keychain that was not there then
    /// is never found again. So the connection is ours.
    #[cfg(target_os = "linux")]
    fn entry(&mut self, name: &str) -> Result<Entry, Error> {
        use keyring_core::api::CredentialStoreApi;
        let store = match &self.secret_service {
            Some(store) => store,
            None => {
                let store = zbus_secret_service_keyring_store::Store::new()
                    .map_err(|_| Error::NoDefaultStore)?;
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

    fn disconnect(&mut self) {
        #[cfg(target_os = "linux")]
        {
            self.secret_service = None;
        }
    }
}

impl Entries for SystemEntries {
    fn get(&mut self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainFailure> {
        let found = self.with_entry(name, |entry| match entry.get_secret() {
            // Two programs wrote the first entry at one moment. Either will do: a value that is
            // used up is found out when it is used.
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

    fn set(&mut self, name: &str, value: &[u8]) -> Result<(), KeychainFailure> {
        self.with_entry(name, |entry| match entry.set_secret(value) {
            Err(Error::Ambiguous(entries)) => {
                remove_all(&entries)?;
                entry.set_secret(value)
            }
            outcome => outcome,
        })
        .map_err(|why| failure(&why))
    }

    fn remove(&mut self, name: &str) -> Result<(), KeychainFailure> {
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

fn remove_all(entries: &[keyring_core::Entry]) -> Result<(), Error> {
    entries.iter().try_for_each(keyring_core::Entry::delete_credential)
}

/// Never the value: some of `keyring`'s errors carry it.
#[expect(clippy::wildcard_enum_match_arm, reason = "a list of `keyring`'s, and it may grow")]
fn failure(why: &Error) -> KeychainFailure {
    match why {
        Error::NoStorageAccess(why) => KeychainFailure::Locked(why.to_string()),
        Error::NoDefaultStore => KeychainFailure::Missing("No keychain service answers".to_owned()),
        Error::PlatformFailure(why) => {
            let why = why.to_string();
            // The bus is there, and nobody on it who keeps secrets.
            if why.contains("ServiceUnknown") || why.contains("not provided by any .service") {
                KeychainFailure::Missing(why)
            } else {
                KeychainFailure::Failed(why)
            }
        }
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            KeychainFailure::Failed("The entry is damaged".to_owned())
        }
        why => KeychainFailure::Failed(why.to_string()),
    }
}
