//! The permissions of the signed-in user, from the access token, and the custom claims of the session.
//!
//! Both are read from a view and only control what an application offers. The protected resource that receives
//! the access token decides what is permitted.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    problem::{Problem, ProblemCode},
    view::{Profile, SessionView},
};

/// The permissions of the signed-in user in their organization, each `resource:action`. They are compared
/// exactly: none includes another, and case is significant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions(BTreeSet<String>);

/// The reason an action is not available.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermissionError {
    /// The view shows no user. A pending sign-in or login prompt also hides the session that continues beside
    /// it.
    #[error("{}", ProblemCode::NotSignedIn.english().sentence)]
    NotSignedIn,
    /// The access token is opaque to this application. Only the protected resource knows its permissions.
    #[error("{}", ProblemCode::PermissionsUnknown.english().sentence)]
    Unknown,
    /// The user lacks the permission in the organization they are signed in to.
    #[error("{}", missing(permission).message)]
    Missing {
        /// The permission.
        permission: String,
        /// The organization (`org_…`), if the user is signed in to one.
        organization: Option<String>,
    },
}

/// The reason the custom claims do not have the expected type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// The view shows no user.
    #[error("{}", ProblemCode::NotSignedIn.english().sentence)]
    NotSignedIn,
    /// A claim is absent or of another type.
    #[error(
        "The custom claims of the session are not of the expected type: {0}. Name each claim in the configuration, and check in the Scalekit dashboard that the tokens have it and of which type it is."
    )]
    Unexpected(String),
}

impl Permissions {
    /// The permissions in a view.
    ///
    /// # Errors
    /// When it shows no user, or the access token is opaque.
    pub fn of(view: &SessionView) -> Result<Self, PermissionError> {
        let profile = profile_of(view).ok_or(PermissionError::NotSignedIn)?;
        let permissions = profile.permissions.as_ref().ok_or(PermissionError::Unknown)?;
        Ok(Self(permissions.iter().cloned().collect()))
    }

    /// Whether the user has this permission, such as `reports:read`.
    #[must_use]
    pub fn contains(&self, permission: &str) -> bool {
        self.0.contains(permission)
    }

    /// All permissions, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Verifies that the view shows a user with this permission.
///
/// # Errors
/// The permission is missing or unknown.
pub fn require_permission(view: &SessionView, permission: &str) -> Result<(), PermissionError> {
    if Permissions::of(view)?.contains(permission) {
        return Ok(());
    }
    let organization = profile_of(view).and_then(|profile| profile.organization.as_ref());
    Err(PermissionError::Missing {
        permission: permission.to_owned(),
        organization: organization.map(|organization| organization.id.clone()),
    })
}

/// Deserializes the custom claims in a view to a type of the application. An optional claim can be an
/// [`Option`].
///
/// # Errors
/// When it shows no user, or the claims do not have that type.
pub fn claims_of<T: DeserializeOwned>(view: &SessionView) -> Result<T, ClaimsError> {
    let profile = profile_of(view).ok_or(ClaimsError::NotSignedIn)?;
    let claims: Map<String, Value> = profile.claims.clone().into_iter().collect();
    serde_json::from_value(Value::Object(claims))
        .map_err(|why| ClaimsError::Unexpected(why.to_string()))
}

fn profile_of(view: &SessionView) -> Option<&Profile> {
    match view {
        SessionView::SignedIn { profile, .. } => Some(profile),
        SessionView::NotConfigured
        | SessionView::Starting
        | SessionView::SignedOut { .. }
        | SessionView::Invited { .. }
        | SessionView::SigningIn { .. }
        | SessionView::SigningOut
        | SessionView::KeychainUnavailable { .. } => None,
    }
}

fn missing(permission: &str) -> Problem {
    Problem::new(ProblemCode::PermissionMissing).with("permission", permission)
}

impl From<PermissionError> for Problem {
    fn from(error: PermissionError) -> Self {
        match error {
            PermissionError::NotSignedIn => Self::new(ProblemCode::NotSignedIn),
            PermissionError::Unknown => Self::new(ProblemCode::PermissionsUnknown),
            PermissionError::Missing { permission, .. } => missing(&permission),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::view::{Organization, RefreshView, Stored};

    fn signed_in(permissions: Option<&[&str]>, claims: Value) -> SessionView {
        let claims: BTreeMap<_, _> = claims.as_object().unwrap().clone().into_iter().collect();
        let list = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
        SessionView::SignedIn {
            profile: Profile {
                subject: "usr_1".to_owned(),
                name: None,
                email: None,
                email_verified: None,
                initials: String::new(),
                picture: None,
                organization: Some(Organization {
                    id: "org_1".to_owned(),
                    name: None,
                    external_id: None,
                }),
                roles: None,
                permissions: permissions.map(list),
                claims,
            },
            stored: Stored::Yes,
            refresh: RefreshView::Refreshing,
            announced_end: None,
            sign_in_again: false,
            organizations: None,
            pages: Vec::new(),
            problem: None,
        }
    }

    fn missing(permission: &str) -> Result<(), PermissionError> {
        let organization = Some("org_1".to_owned());
        Err(PermissionError::Missing { permission: permission.to_owned(), organization })
    }

    #[test]
    fn permission_is_compared_exactly() {
        let view = signed_in(Some(&["reports:read", "members:*"]), json!({}));
        assert_eq!(require_permission(&view, "reports:read"), Ok(()));
        for other in [
            "",
            "reports",
            "reports:",
            "read",
            "reports:write",
            "Reports:read",
            " reports:read",
            "reports:read:all",
            "members:invite",
            "*",
        ] {
            assert_eq!(require_permission(&view, other), missing(other), "{other:?}");
        }
        let all = Permissions::of(&view).unwrap();
        assert_eq!(all.iter().collect::<Vec<_>>(), ["members:*", "reports:read"]);
        assert!(all.contains("members:*"));
    }

    #[test]
    fn permission_is_missing_where_none_are_granted() {
        let view = signed_in(Some(&[]), json!({}));
        assert_eq!(require_permission(&view, "reports:read"), missing("reports:read"));
    }

    #[test]
    fn permissions_of_an_opaque_access_token_are_unknown() {
        let view = signed_in(None, json!({}));
        assert_eq!(require_permission(&view, "reports:read"), Err(PermissionError::Unknown));
        assert_eq!(Permissions::of(&view), Err(PermissionError::Unknown));
    }

    #[test]
    fn permissions_without_a_signed_in_user_are_not_signed_in() {
        for view in [SessionView::Starting, SessionView::NotConfigured, SessionView::SigningOut] {
            let expected = Err(PermissionError::NotSignedIn);
            assert_eq!(require_permission(&view, "reports:read"), expected);
            assert_eq!(claims_of::<Value>(&view), Err(ClaimsError::NotSignedIn));
        }
    }

    #[test]
    fn permission_error_and_its_problem_have_one_sentence() {
        for (error, code) in [
            (PermissionError::NotSignedIn, ProblemCode::NotSignedIn),
            (PermissionError::Unknown, ProblemCode::PermissionsUnknown),
            (missing("reports:read").unwrap_err(), ProblemCode::PermissionMissing),
        ] {
            let problem = Problem::from(error.clone());
            assert_eq!((problem.code, &problem.message), (code, &error.to_string()));
            assert!(!problem.message.contains('{'), "{problem}");
        }
        assert!(missing("reports:read").unwrap_err().to_string().contains("reports:read"));
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Plan {
        plan: String,
        seats: u32,
        region: Option<String>,
    }

    #[test]
    fn custom_claims_are_read_as_a_type_of_the_application() {
        let view = signed_in(None, json!({"plan": "team", "seats": 7, "other": [1]}));
        let expected = Plan { plan: "team".to_owned(), seats: 7, region: None };
        assert_eq!(claims_of(&view), Ok(expected));
    }

    #[test]
    fn custom_claims_absent_or_of_another_type_are_reported() {
        for (claims, named) in [
            (json!({}), "`plan`"),
            (json!({"plan": "team"}), "`seats`"),
            (json!({"plan": "team", "seats": "seven"}), "u32"),
            (json!({"plan": "team", "seats": -1}), "u32"),
        ] {
            let why = claims_of::<Plan>(&signed_in(None, claims)).unwrap_err().to_string();
            assert!(why.contains(named), "{why}");
        }
    }
}
