//! Who is there to sign in.

/// Everybody's password.
pub const PASSWORD: &str = "latchkey";

/// A person as the environment knows them.
#[derive(Debug, Clone)]
pub struct Person {
    /// `usr_…`.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Whether it is known to be theirs.
    pub email_verified: bool,
    /// What they sign in with; empty where they only can by their company's own sign-in.
    pub password: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// The path of their picture.
    pub picture: Option<String>,
    /// The organizations they belong to.
    pub memberships: Vec<Membership>,
    /// What to know of them, for whoever chooses whom to sign in as.
    pub about: &'static str,
}

/// A person's place in an organization.
#[derive(Debug, Clone)]
pub struct Membership {
    /// `org_…`.
    pub organization: String,
    /// Its name.
    pub name: String,
    /// The customer's own id of it.
    pub external_id: Option<String>,
    /// Their roles.
    pub roles: Vec<String>,
    /// Their permissions.
    pub permissions: Vec<String>,
}

/// A company's own sign-in.
pub struct Connection {
    /// `conn_…`.
    pub id: &'static str,
    /// The e-mail domain whose people use it.
    pub domain: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The organization it belongs to (`org_…`).
    pub organization: &'static str,
}

/// The connections of this environment.
pub const CONNECTIONS: &[Connection] = &[Connection {
    id: "conn_orbit",
    domain: "orbit.example",
    name: "Orbit Research",
    organization: "org_orbit",
}];

/// The addresses of the people who are there from the start.
pub const SEEDED: &[&str] = &[
    "ada@analytical.example",
    "grace@two-orgs.example",
    "alan@bletchley.example",
    "mary@unverified.example",
    "katherine@orbit.example",
    "fatima@qarawiyyin.example",
];

impl Person {
    /// Given name and family name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }

    /// Somebody who has just signed up, in an organization of their own.
    pub(crate) fn newcomer(id: String, organization: String, name: &str, email: &str) -> Self {
        let (given, family) = name.split_once(' ').unwrap_or((name, ""));
        let membership = membership(&organization, &format!("{given}'s organization"), None);
        Self {
            password: PASSWORD.to_owned(),
            email_verified: false,
            memberships: vec![membership.with(&["owner"], &["profile:read", "profile:write"])],
            ..person(&id, email, given, family, "signed up here")
        }
    }
}

/// The people who are there from the start.
pub(crate) fn seeded() -> Vec<Person> {
    let analytical = || membership("org_analytical", "Analytical Engines", Some("ae-1843"));
    let navy = membership("org_navy", "Navy Computing", None);
    let compilers = membership("org_compilers", "Compilers United", Some("cu-1952"));
    let qarawiyyin = membership("org_qarawiyyin", "جامعة القرويين", None);
    vec![
        Person {
            picture: Some("/pictures/ada.png".to_owned()),
            memberships: vec![analytical().with(
                &["admin", "analyst"],
                &["reports:read", "reports:write", "members:invite", "engines:operate"],
            )],
            ..person(
                "usr_ada",
                "ada@analytical.example",
                "Ada",
                "Lovelace",
                "an administrator, with a picture",
            )
        },
        Person {
            memberships: vec![
                navy.with(&["officer"], &["ships:read", "reports:read"]),
                compilers.with(&["member"], &["compilers:read"]),
            ],
            ..person(
                "usr_grace",
                "grace@two-orgs.example",
                "Grace",
                "Hopper",
                "belongs to two organizations",
            )
        },
        Person {
            memberships: vec![membership("org_bletchley", "Bletchley Park", None)],
            ..person(
                "usr_alan",
                "alan@bletchley.example",
                "Alan",
                "Turing",
                "has no roles and no permissions",
            )
        },
        Person {
            email_verified: false,
            memberships: vec![
                membership("org_unverified", "Open Letters", None)
                    .with(&["member"], &["letters:read"]),
            ],
            ..person(
                "usr_mary",
                "mary@unverified.example",
                "Mary",
                "Somerville",
                "has not verified the address",
            )
        },
        Person {
            password: String::new(),
            memberships: vec![
                membership("org_orbit", "Orbit Research", Some("orbit"))
                    .with(&["navigator"], &["trajectories:write"]),
            ],
            ..person(
                "usr_katherine",
                "katherine@orbit.example",
                "Katherine",
                "Johnson",
                "signs in with her company (no password)",
            )
        },
        Person {
            memberships: vec![qarawiyyin.with(&["مؤسِّسة"], &["library:read", "library:write"])],
            ..person(
                "usr_fatima",
                "fatima@qarawiyyin.example",
                "فاطمة",
                "الفهرية",
                "writes her name in Arabic",
            )
        },
    ]
}

fn person(id: &str, email: &str, given: &str, family: &str, about: &'static str) -> Person {
    Person {
        id: id.to_owned(),
        email: email.to_owned(),
        email_verified: true,
        password: PASSWORD.to_owned(),
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        picture: None,
        memberships: Vec::new(),
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
