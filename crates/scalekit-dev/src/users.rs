//! The users of the environment.

use crate::ids;

/// The password of all users.
pub const PASSWORD: &str = "latchkey";

/// The e-mail address of a seeded user.
pub const ADA: &str = "ada@analytical.example";
/// The e-mail address of a seeded user.
pub const GRACE: &str = "grace@two-orgs.example";
/// The e-mail address of a seeded user.
pub const ALAN: &str = "alan@bletchley.example";
/// The e-mail address of a seeded user.
pub const MARY: &str = "mary@unverified.example";
/// The e-mail address of a seeded user.
pub const KATHERINE: &str = "katherine@orbit.example";
/// The e-mail address of a seeded user.
pub const FATIMA: &str = "fatima@qarawiyyin.example";

/// A user of the environment.
#[derive(Debug, Clone)]
pub struct User {
    /// `usr_…`.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// Whether the e-mail address is verified.
    pub email_verified: bool,
    /// The password; empty for users of an enterprise connection only.
    pub password: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// The path of their picture.
    pub picture: Option<String>,
    /// Their language.
    pub locale: Option<&'static str>,
    /// The customer's own id of the user.
    pub external_id: Option<&'static str>,
    /// The organizations they belong to.
    pub memberships: Vec<Membership>,
    /// The memberships that the user gets by accepting an invitation.
    pub invitations: Vec<Membership>,
    /// A description, for the choice of a user.
    pub about: &'static str,
}

/// A user's membership in an organization.
#[derive(Debug, Clone)]
pub struct Membership {
    /// `org_…`.
    pub organization: String,
    /// Its name.
    pub name: String,
    /// The customer's own id of the organization.
    pub external_id: Option<String>,
    /// Their roles.
    pub roles: Vec<String>,
    /// Their permissions.
    pub permissions: Vec<String>,
}

/// A connection.
pub struct Connection {
    /// `conn_…`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
}

/// The kind of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The environment's, with a password.
    Password,
    /// The environment's, with a code by e-mail.
    Passwordless,
    /// A social provider, by its name in `provider`.
    Social(&'static str),
    /// An enterprise connection, for this e-mail domain and organization.
    Enterprise { domain: &'static str, organization: &'static str },
}

/// The connections of this environment.
pub const CONNECTIONS: &[Connection] = &[
    Connection { id: ids::PASSWORD_CONNECTION, name: "Password", kind: Kind::Password },
    Connection { id: ids::PASSWORDLESS_CONNECTION, name: "Code by mail", kind: Kind::Passwordless },
    Connection {
        id: ids::ORBIT_CONNECTION,
        name: "Orbit Research",
        kind: Kind::Enterprise { domain: "orbit.example", organization: ids::ORBIT },
    },
    Connection {
        id: ids::LETTERS_CONNECTION,
        name: "Open Letters",
        kind: Kind::Enterprise { domain: "letters.example", organization: ids::LETTERS },
    },
    social("conn_70217345889566722", "Google", "google"),
    social("conn_70217345889566723", "Microsoft", "microsoft"),
    social("conn_70217345889566724", "GitHub", "github"),
    social("conn_70217345889566725", "GitLab", "gitlab"),
    social("conn_70217345889566726", "LinkedIn", "linkedin"),
    social("conn_70217345889566727", "Salesforce", "salesforce"),
];

const fn social(id: &'static str, name: &'static str, provider: &'static str) -> Connection {
    Connection { id, name, kind: Kind::Social(provider) }
}

impl Connection {
    /// The connection with this id.
    pub(crate) fn of_id(id: &str) -> Option<&'static Self> {
        CONNECTIONS.iter().find(|one| one.id == id)
    }

    /// The social connection of this `provider`.
    pub(crate) fn of_provider(provider: &str) -> Option<&'static Self> {
        CONNECTIONS.iter().find(|one| matches!(one.kind, Kind::Social(name) if name == provider))
    }

    /// The enterprise connection of this e-mail domain.
    pub(crate) fn of_domain(wanted: &str) -> Option<&'static Self> {
        CONNECTIONS.iter().find(|one| matches!(one.kind, Kind::Enterprise { domain, .. } if domain.eq_ignore_ascii_case(wanted)))
    }

    /// The first connection of this organization.
    pub(crate) fn of_organization(wanted: &str) -> Option<&'static Self> {
        CONNECTIONS.iter().find(|one| matches!(one.kind, Kind::Enterprise { organization, .. } if organization == wanted))
    }
}

/// The e-mail addresses of the seeded users.
pub const SEEDED: &[&str] = &[ADA, GRACE, ALAN, MARY, KATHERINE, FATIMA];

impl User {
    /// Given name and family name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }

    /// Accepts the invitation to this organization: the user becomes a member.
    pub(crate) fn join(&mut self, organization: &str) -> bool {
        let Some(at) = self.invitations.iter().position(|one| one.organization == organization)
        else {
            return false;
        };
        self.memberships.push(self.invitations.remove(at));
        true
    }

    /// A user who has just signed up, in a new organization.
    pub(crate) fn newcomer(id: String, organization: String, name: &str, email: &str) -> Self {
        let (given, family) = name.split_once(' ').unwrap_or((name, ""));
        let membership = membership(&organization, &format!("{given}'s organization"), None);
        Self {
            password: PASSWORD.to_owned(),
            email_verified: false,
            memberships: vec![membership.with(&["admin"], &["profile:read", "profile:write"])],
            ..user(&id, email, given, family, "signed up here")
        }
    }
}

/// The seeded users.
pub(crate) fn seeded() -> Vec<User> {
    let analytical = || membership(ids::ANALYTICAL, "Analytical Engines", Some("ae-1843"));
    let navy = membership(ids::NAVY, "Navy Computing", None);
    let compilers = membership(ids::COMPILERS, "Compilers United", Some("cu-1952"));
    let qarawiyyin = membership(ids::QARAWIYYIN, "جامعة القرويين", None);
    vec![
        User {
            picture: Some("/pictures/ada.png".to_owned()),
            locale: Some("en"),
            external_id: Some("ada-1815"),
            memberships: vec![analytical().with(
                &["admin", "analyst"],
                &["reports:read", "reports:write", "members:invite", "engines:operate"],
            )],
            ..user(
                "usr_70217345889632250",
                ADA,
                "Ada",
                "Lovelace",
                "an administrator, with a picture",
            )
        },
        User {
            memberships: vec![
                navy.with(&["officer"], &["ships:read", "reports:read"]),
                compilers.with(&["member"], &["compilers:read"]),
            ],
            ..user(
                "usr_70217345889632251",
                GRACE,
                "Grace",
                "Hopper",
                "belongs to two organizations",
            )
        },
        User {
            memberships: vec![membership(ids::BLETCHLEY, "Bletchley Park", None)],
            invitations: vec![analytical().with(&["analyst"], &["reports:read"])],
            ..user(
                "usr_70217345889632252",
                ALAN,
                "Alan",
                "Turing",
                "has no roles and no permissions, and an invitation",
            )
        },
        User {
            email_verified: false,
            memberships: vec![
                membership(ids::LETTERS, "Open Letters", None).with(&["member"], &["letters:read"]),
            ],
            ..user(
                "usr_70217345889632253",
                MARY,
                "Mary",
                "Somerville",
                "has not verified the address",
            )
        },
        User {
            password: String::new(),
            memberships: vec![
                membership(ids::ORBIT, "Orbit Research", Some("orbit"))
                    .with(&["navigator"], &["trajectories:write"]),
            ],
            ..user(
                "usr_70217345889632254",
                KATHERINE,
                "Katherine",
                "Johnson",
                "signs in with her company (no password)",
            )
        },
        User {
            locale: Some("ar"),
            memberships: vec![qarawiyyin.with(&["مؤسِّسة"], &["library:read", "library:write"])],
            ..user("usr_70217345889632255", FATIMA, "فاطمة", "الفهرية", "writes her name in Arabic")
        },
    ]
}

fn user(id: &str, email: &str, given: &str, family: &str, about: &'static str) -> User {
    User {
        id: id.to_owned(),
        email: email.to_owned(),
        email_verified: true,
        password: PASSWORD.to_owned(),
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        picture: None,
        locale: None,
        external_id: None,
        memberships: Vec::new(),
        invitations: Vec::new(),
        about,
    }
}

fn membership(organization: &str, name: &str, external_id: Option<&str>) -> Membership {
    Membership {
        organization: organization.to_owned(),
        name: name.to_owned(),
        external_id: external_id.map(str::to_owned),
        roles: Vec::new(),
        permissions: Vec::new(),
    }
}

impl Membership {
    fn with(mut self, roles: &[&str], permissions: &[&str]) -> Self {
        self.roles = roles.iter().map(|one| (*one).to_owned()).collect();
        self.permissions = permissions.iter().map(|one| (*one).to_owned()).collect();
        self
    }
}
