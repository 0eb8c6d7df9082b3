//! A keyring to keep things in, where the Secret Service has none: on desktops whose login does not make one,
//! and of those who are logged in without a password.

use keyring_core::Error;
use secret_service::{EncryptionType, Error as ServiceError, blocking::SecretService};

/// What the user reads as the name of the keyring in the service's own prompt; libsecret's.
const LABEL: &str = "Default keyring";

/// The one that everything is kept in by default.
const ALIAS: &str = "default";

/// Whether this is said where the alias `default` leads nowhere. What is locked and what is refused by the
/// user are said by the same error of `keyring`.
pub fn is_missing(why: &Error) -> bool {
    let Error::NoStorageAccess(why) = why else { return false };
    matches!(why.downcast_ref(), Some(ServiceError::NoResult))
}

/// Lets the service ask the user for a keyring and its password, which nobody else sees.
pub fn make() -> Result<(), ServiceError> {
    let service = SecretService::connect(EncryptionType::Plain)?;
    match service.get_default_collection() {
        // Another program was faster.
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
        let said = |why: ServiceError| Error::NoStorageAccess(Box::new(why));
        assert!(is_missing(&said(ServiceError::NoResult)));
        assert!(!is_missing(&said(ServiceError::Locked)));
        assert!(!is_missing(&said(ServiceError::Prompt)));
        assert!(!is_missing(&Error::PlatformFailure(Box::new(ServiceError::NoResult))));
        assert!(!is_missing(&Error::NoEntry));
    }
}
