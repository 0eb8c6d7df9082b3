//! The `WWW-Authenticate` header of a protected resource that rejects a request (RFC 6750 §3), in the syntax of
//! RFC 9110 §11.6.1. It is untrusted input: a malformed header is ignored.

/// The maximum length of the header in bytes; a longer one is not parsed.
const MAX_HEADER_LEN: usize = 4096;

/// The maximum length of a permission in characters; a longer one is not shown.
const MAX_PERMISSION_LEN: usize = 128;

/// The parameters of a `Bearer` challenge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BearerChallenge {
    /// `error`, such as `insufficient_scope`.
    pub error: Option<String>,
    /// `error_description`.
    pub error_description: Option<String>,
    /// `scope`: the scopes that the access token needs, in the header's order.
    pub scope: Vec<String>,
}

impl BearerChallenge {
    /// Parses the first `Bearer` challenge; `None` where there is none or a parameter is repeated.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        if header.len() > MAX_HEADER_LEN {
            return None;
        }
        let mut rest = Reader(header);
        while !rest.is_at_end() {
            let scheme = rest.token()?;
            let parameters = rest.parameters()?;
            if scheme.eq_ignore_ascii_case("Bearer") {
                return Self::of(parameters);
            }
        }
        None
    }

    fn of(parameters: Vec<(&str, String)>) -> Option<Self> {
        let mut challenge = Self::default();
        let mut seen = Vec::new();
        for (name, value) in parameters {
            let name = name.to_ascii_lowercase();
            // RFC 6750 §3: a parameter must not be repeated.
            if seen.contains(&name) {
                return None;
            }
            match name.as_str() {
                "error" => challenge.error = Some(value),
                "error_description" => challenge.error_description = Some(value),
                "scope" => challenge.scope = scopes(&value),
                _ => {}
            }
            seen.push(name);
        }
        Some(challenge)
    }
}

/// RFC 6749 §3.3: printable ASCII without quotation mark and backslash. Other scopes are dropped.
fn scopes(text: &str) -> Vec<String> {
    let is_scope = |scope: &&str| is_permission(scope);
    text.split(' ').filter(is_scope).map(str::to_owned).collect()
}

/// Whether this is a valid name of a permission: a scope token of RFC 6749 §3.3, such as `reports:read`.
#[must_use]
pub fn is_permission(text: &str) -> bool {
    (1..=MAX_PERMISSION_LEN).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\'))
}

/// The unread part of the header.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    /// Skips spaces and the commas of empty list elements (RFC 9110 §5.6.1).
    fn is_at_end(&mut self) -> bool {
        self.0 = self.0.trim_start_matches([' ', '\t', ',']);
        self.0.is_empty()
    }

    fn skip_spaces(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    /// RFC 9110 §5.6.2.
    fn token(&mut self) -> Option<&'a str> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let end = self.0.find(|c| !is_token(c)).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        (!token.is_empty()).then_some(token)
    }

    /// The parameters of a challenge, up to the next challenge. None where a token68 stands in their place.
    fn parameters(&mut self) -> Option<Vec<(&'a str, String)>> {
        let mut parameters = Vec::new();
        self.skip_spaces();
        if let Some(rest) = after_token68(self.0) {
            self.0 = rest;
            return Some(parameters);
        }
        loop {
            let before = self.0;
            if self.is_at_end() {
                return Some(parameters);
            }
            let name = self.token()?;
            self.skip_spaces();
            let Some(rest) = self.0.strip_prefix('=') else {
                // The scheme of the next challenge, after a comma.
                self.0 = before;
                let is_next = before.trim_start_matches([' ', '\t']).starts_with(',');
                return is_next.then_some(parameters);
            };
            self.0 = rest;
            self.skip_spaces();
            parameters.push((name, self.value()?));
            self.skip_spaces();
            if !self.0.is_empty() && !self.0.starts_with(',') {
                return None;
            }
        }
    }

    /// RFC 9110 §5.6.4.
    fn value(&mut self) -> Option<String> {
        let Some(quoted) = self.0.strip_prefix('"') else {
            return self.token().map(str::to_owned);
        };
        let mut value = String::new();
        let mut characters = quoted.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.0 = quoted.get(at + 1..)?;
                    return Some(value);
                }
                '\\' => value.push(characters.next()?.1),
                c if c.is_control() && c != '\t' => return None,
                c => value.push(c),
            }
        }
        None
    }
}

/// The text after a token68, if it begins with one that forms a whole challenge (RFC 9110 §11.2).
fn after_token68(text: &str) -> Option<&str> {
    let is_token68 = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    let rest = text.trim_start_matches(is_token68);
    let rest = rest.trim_start_matches('=').trim_start_matches([' ', '\t']);
    let is_all = rest.is_empty() || rest.starts_with(',');
    (rest.len() < text.len() && is_all).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(error: &str, description: &str, scope: &[&str]) -> Option<BearerChallenge> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some(BearerChallenge {
            error: text(error),
            error_description: text(description),
            scope: scope.iter().map(|&one| one.to_owned()).collect(),
        })
    }

    /// RFC 9110 §5.6.1: a recipient ignores empty list elements.
    #[test]
    fn bearer_challenge_parameters_follow_an_empty_list_element() {
        let parsed = BearerChallenge::parse("Bearer , error=\"invalid_token\"");
        assert_eq!(parsed, challenge("invalid_token", "", &[]));
    }

    #[test]
    fn bearer_challenge_header_is_bounded() {
        let header = |length: usize| format!("Bearer error=\"{}\"", "x".repeat(length));
        let spare = MAX_HEADER_LEN - header(0).len();
        assert!(BearerChallenge::parse(&header(spare)).is_some());
        assert!(BearerChallenge::parse(&header(spare + 1)).is_none());
    }

    #[test]
    fn bearer_challenge_is_read_with_its_error_and_scope() {
        for (header, expected) in [
            (r#"Bearer realm="example""#, challenge("", "", &[])),
            ("Bearer", challenge("", "", &[])),
            (
                r#"Bearer realm="a", error="invalid_token", error_description="It \"ended\", today""#,
                challenge("invalid_token", "It \"ended\", today", &[]),
            ),
            (
                r#"bearer ERROR=insufficient_scope,scope="reports:read reports:write""#,
                challenge("insufficient_scope", "", &["reports:read", "reports:write"]),
            ),
            (r#"Bearer scope = "a:b" , error = x"#, challenge("x", "", &["a:b"])),
            (r#"Basic realm="a, b", Bearer scope="a:b""#, challenge("", "", &["a:b"])),
            (r#"Negotiate YTpi==, Bearer scope="a:b", Basic"#, challenge("", "", &["a:b"])),
            (r#"Basic YTpi, Bearer scope="a:b""#, challenge("", "", &["a:b"])),
            (r#"Negotiate, Bearer scope="a:b", Basic realm=x"#, challenge("", "", &["a:b"])),
        ] {
            assert_eq!(BearerChallenge::parse(header), expected, "{header}");
        }
    }

    #[test]
    fn bearer_challenge_malformed_or_repeated_is_dropped() {
        let long = format!("Bearer realm=\"{}\"", "x".repeat(MAX_HEADER_LEN));
        for header in [
            "",
            "Basic realm=\"a\"",
            "Bearer error=\"a",
            "Bearer error=\"a\\",
            "Bearer error=a b",
            "Bearer error=a scope=b",
            "Bearer error=a, error=b",
            "Bearer error=a, Error=a",
            "Bearer error=\"a\u{0}b\"",
            "\"Bearer\"",
            &long,
        ] {
            assert_eq!(BearerChallenge::parse(header), None, "{header:?}");
        }
    }

    #[test]
    fn bearer_challenge_scope_keeps_what_can_be_a_permission() {
        let long = "x".repeat(MAX_PERMISSION_LEN + 1);
        let header = format!("Bearer scope=\"  a:b é {long} \\\"c\\\"  d:e\"");
        assert_eq!(BearerChallenge::parse(&header), challenge("", "", &["a:b", "d:e"]));
        for (text, expected) in [
            ("reports:read", true),
            (&long[1..], true),
            ("", false),
            (&long, false),
            ("a b", false),
            ("a\"b", false),
            ("a\\b", false),
            ("ä", false),
            ("a\n", false),
        ] {
            assert_eq!(is_permission(text), expected, "{text:?}");
        }
    }
}
