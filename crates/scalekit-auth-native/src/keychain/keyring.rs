//! Creation of a default keyring where the Secret Service has none: on desktops whose login does not create
//! one, and after a login without a password.

use keyring_core::Error;
use secret_service::{EncryptionType, Error as ServiceError, blocking::SecretService};

/// The keyring's label in the service's own prompt; the one that libsecret uses.
const LABEL: &str = "Default keyring";

/// The alias of the default keyring.
const ALIAS: &str = "default";

/// Whether the error means that the alias `default` names no keyring. `keyring` reports a locked keyring and
/// a dismissed prompt with the same variant.
pub fn is_missing(why: &Error) -> bool {
    let Error::NoStorageAccess(why) = why else { return false };
    matches!(why.downcast_ref(), Some(ServiceError::NoResult))
}

/// Makes the service prompt for a new keyring and its password, which this process does not see.
pub fn make() -> Result<(), ServiceError> {
    let service = SecretService::connect(EncryptionType::Plain)?;
    match service.get_default_collection() {
        // Another process has created one meanwhile.
        Ok(_) => Ok(()),
        Err(ServiceError::NoResult) => service.create_collection(LABEL, ALIAS).map(|_| ()),
        Err(why) => Err(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // req: X26
    #[test]
    fn keyring_locked_is_not_reported_as_missing() {
        let error = |why: ServiceError| Error::NoStorageAccess(Box::new(why));
        assert!(is_missing(&error(ServiceError::NoResult)));
        assert!(!is_missing(&error(ServiceError::Locked)));
        assert!(!is_missing(&error(ServiceError::Prompt)));
        assert!(!is_missing(&Error::PlatformFailure(Box::new(ServiceError::NoResult))));
        assert!(!is_missing(&Error::NoEntry));
    }
}
