//! The program's arguments: none, a link, options for sign-ins, or a command that prints a text.

use std::{
    ffi::{OsStr, OsString},
    fmt::Display,
};

use lexopt::prelude::*;
use scalekit_auth::{ConnectionId, DomainName, OrganizationId, SignInRoute};

/// The command for a self-check.
const SELF_CHECK: &str = "self-check";

/// The purpose of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Opens the window, or shows the one that is open already.
    Window,
    /// Shows the tray icon, where the desktop has a tray; the window stays hidden until it is requested.
    Background,
    /// Prints the version.
    Version,
    /// Prints the list of arguments.
    Help,
    /// Runs a self-check and prints the findings.
    SelfCheck {
        /// As JSON, for programs.
        json: bool,
    },
}

/// The parsed arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// The purpose of the start.
    pub start: Start,
    /// The route of this process's sign-ins.
    pub route: SignInRoute,
}

/// Invalid arguments. The message does not repeat an argument that is no option: it may be a link with a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// An option that does not exist.
    #[error("there is no option {0}")]
    UnknownOption(String),
    /// `--version=1`.
    #[error("its options take no value, but for --organization, --connection and --domain")]
    UnexpectedValue,
    /// `--domain` without a domain.
    #[error("{0} needs a value")]
    ValueMissing(&'static str),
    /// The value of an option has an invalid format.
    #[error("{option}: {why}")]
    ValueInvalid {
        /// The option.
        option: &'static str,
        /// The reason, and the expected format.
        why: String,
    },
    /// `self-check --domain acme.example`.
    #[error("{0} is for sign-ins; self-check signs nobody in")]
    NotForSelfCheck(&'static str),
    /// A path, a word, or a link with another scheme.
    #[error("it takes self-check, options and links of the scheme {scheme}, and nothing else")]
    NotALink {
        /// The scheme of Latchkey's links.
        scheme: String,
    },
}

/// Parses the arguments, without the program's own name.
///
/// Any web page can start the program with a link, and a desktop that splits it, with further arguments
/// (CVE-2018-1000006): beside a link, options are ignored.
///
/// # Errors
/// When there is no link, and an argument is no option of this program.
pub fn parse(arguments: &[OsString], scheme: &str) -> Result<Arguments, ArgumentError> {
    let mut route = SignInRoute::default();
    if arguments.iter().any(|argument| is_link(argument, scheme)) {
        return Ok(Arguments { start: Start::Window, route });
    }
    // The only argument besides options and links. Its option follows it.
    let (arguments, mut start) = match arguments.split_first() {
        Some((first, others)) if first == SELF_CHECK => (others, Start::SelfCheck { json: false }),
        Some(_) | None => (arguments, Start::Window),
    };
    let mut parser = lexopt::Parser::from_args(arguments);
    loop {
        let argument = match parser.next() {
            Ok(Some(argument)) => argument,
            Ok(None) => return Ok(Arguments { start, route }),
            // The parser reports no other error here.
            Err(_) => return Err(ArgumentError::UnexpectedValue),
        };
        start = match argument {
            Long("help") | Short('h') => Start::Help,
            Long("version") | Short('V') => Start::Version,
            Long("json") if matches!(start, Start::SelfCheck { .. }) => {
                Start::SelfCheck { json: true }
            }
            Long("background") if start == Start::Window => Start::Background,
            Long("background") => start,
            Long("organization") => {
                let option = of_sign_in(start, "--organization")?;
                route.organization_id = Some(value(&mut parser, option, OrganizationId::parse)?);
                start
            }
            Long("connection") => {
                let option = of_sign_in(start, "--connection")?;
                route.connection_id = Some(value(&mut parser, option, ConnectionId::parse)?);
                start
            }
            Long("domain") => {
                let option = of_sign_in(start, "--domain")?;
                route.domain = Some(value(&mut parser, option, DomainName::parse)?);
                start
            }
            Long(name) => return Err(unknown(format!("--{name}"))),
            Short(name) => return Err(unknown(format!("-{name}"))),
            Value(_) => return Err(ArgumentError::NotALink { scheme: scheme.to_owned() }),
        };
    }
}

/// The option, unless no sign-in follows that it could apply to.
fn of_sign_in(start: Start, option: &'static str) -> Result<&'static str, ArgumentError> {
    match start {
        Start::SelfCheck { .. } => Err(ArgumentError::NotForSelfCheck(option)),
        Start::Window | Start::Background | Start::Version | Start::Help => Ok(option),
    }
}

fn value<T, E: Display>(
    parser: &mut lexopt::Parser,
    option: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, ArgumentError> {
    let value = parser.value().map_err(|_| ArgumentError::ValueMissing(option))?;
    parse(&value.to_string_lossy()).map_err(|why| ArgumentError::ValueInvalid {
        option,
        why: why.to_string().escape_debug().to_string(),
    })
}

/// Escapes control characters, which a terminal would interpret.
fn unknown(option: String) -> ArgumentError {
    ArgumentError::UnknownOption(option.escape_debug().to_string())
}

fn is_link(argument: &OsStr, scheme: &str) -> bool {
    let argument = argument.to_string_lossy();
    argument.split_once(':').is_some_and(|(name, _)| name.eq_ignore_ascii_case(scheme))
}

/// The output of `--version`.
pub fn version(name: &str, version: &str) -> String {
    format!("{name} {version}")
}

/// The output of `--help`.
pub fn help(name: &str, scheme: &str) -> String {
    format!(
        "\
{name}: sign in with Scalekit

latchkey [link]
latchkey [--organization <id>] [--connection <id>] [--domain <domain>]
latchkey self-check [--json]
latchkey --background
latchkey --help | --version

  link           a link that begins with {scheme}:
                 The desktop starts {name} with it; beside it, all other arguments are
                 ignored.
  self-check     check what a sign-in depends on and print what was found: the links, a
                 second start, the keychain, the sign-in service, the proxy, the
                 certificate, the clock and the redirect URI. It opens no window,
                 registers nothing and signs nobody in.
      --json     print it as JSON
  --background   start without the window where the desktop has a tray, as at login
      --organization <id>, --connection <id>, --domain <domain>
                 where sign-ins of this start go, before the settings, but not before a
                 policy that says where. An instance that runs already keeps its own.
  -h, --help     print this text
  -V, --version  print the version

Without arguments, {name} opens its window, or shows the one that is open already.

Environment variables:
  SCALEKIT_ENVIRONMENT_URL, SCALEKIT_CLIENT_ID
                 the Scalekit environment and the client id, before those of the settings;
                 a policy of this computer comes before both
  LATCHKEY_LOG   the log's filter on standard error, such as debug; by default warn

Exit codes:
  0              the window was closed, the instance that runs already has taken over, or
                 the text was printed; the self-check found nothing to do
  1              {name} cannot start or go on; a message box and standard error say why,
                 and standard error alone for the self-check
  2              an argument is not understood; standard error says which
  3              the worst finding of the self-check is a caution: a sign-in may fail
  4              the worst finding of the self-check is an alarm: a sign-in fails"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEME: &str = "io.latchkey.desktop";

    fn parsed(arguments: &[&str]) -> Result<Start, ArgumentError> {
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        parse(&arguments, SCHEME).map(|arguments| arguments.start)
    }

    #[test]
    fn start_without_arguments_opens_the_window() {
        assert_eq!(parsed(&[]), Ok(Start::Window));
    }

    #[test]
    fn version_and_help_options_have_long_and_short_names() {
        for option in ["--version", "-V"] {
            assert_eq!(parsed(&[option]), Ok(Start::Version));
        }
        for option in ["--help", "-h"] {
            assert_eq!(parsed(&[option]), Ok(Start::Help));
        }
    }

    #[test]
    fn self_check_takes_json_and_nothing_else() {
        assert_eq!(parsed(&["self-check"]), Ok(Start::SelfCheck { json: false }));
        assert_eq!(parsed(&["self-check", "--json"]), Ok(Start::SelfCheck { json: true }));
        assert_eq!(parsed(&["self-check", "--help"]), Ok(Start::Help));
        let unknown = |option: &str| Err(ArgumentError::UnknownOption(option.to_owned()));
        assert_eq!(parsed(&["--json"]), unknown("--json"));
        assert_eq!(parsed(&["--version", "--json"]), unknown("--json"));
        assert_eq!(parsed(&["self-check", "--fix"]), unknown("--fix"));
        for arguments in [&["self-check", "self-check"][..], &["--json", "self-check"]] {
            assert!(parsed(arguments).is_err(), "{arguments:?}");
        }
        for option in ["--organization", "--connection", "--domain"] {
            let rejected = Err(ArgumentError::NotForSelfCheck(option));
            assert_eq!(parsed(&["self-check", option, "a.example"]), rejected);
            assert_eq!(parsed(&["self-check", "--json", option]), rejected);
        }
    }

    #[test]
    fn route_options_are_read_and_not_beside_a_link() {
        let route = |arguments: &[&str]| {
            let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
            parse(&arguments, SCHEME).map(|arguments| arguments.route)
        };
        let read =
            route(&["--organization", "org_1", "--connection=conn_1", "--domain", "a.example"]);
        let read = read.unwrap();
        assert_eq!(read.organization_id.unwrap().as_str(), "org_1");
        assert_eq!(read.connection_id.unwrap().as_str(), "conn_1");
        assert_eq!(read.domain.unwrap().as_str(), "a.example");
        let link = format!("{SCHEME}://callback?code=1&state=2");
        let beside = route(&["--organization", "org_1", &link]);
        assert_eq!(beside.unwrap(), SignInRoute::default());
        assert_eq!(route(&["--domain"]), Err(ArgumentError::ValueMissing("--domain")));
        let why = route(&["--domain", "ada@a.example"]).unwrap_err().to_string();
        assert!(why.starts_with("--domain: ") && why.contains("behind the @"), "{why}");
    }

    #[test]
    fn background_option_hides_the_window_and_no_printed_text() {
        assert_eq!(parsed(&["--background"]), Ok(Start::Background));
        assert_eq!(parsed(&["--background", "--background"]), Ok(Start::Background));
        assert_eq!(parsed(&["--background", "--help"]), Ok(Start::Help));
        assert_eq!(parsed(&["--version", "--background"]), Ok(Start::Version));
        assert_eq!(parsed(&["--background=1"]), Err(ArgumentError::UnexpectedValue));
    }

    #[test]
    fn option_that_does_not_exist_is_rejected_by_its_name() {
        for (argument, option) in [
            ("--inspect", "--inspect"),
            ("--gpu-launcher=x", "--gpu-launcher"),
            ("-x", "-x"),
            ("--\u{1b}[2J", "--\\u{1b}[2J"),
        ] {
            let unknown = Err(ArgumentError::UnknownOption(option.to_owned()));
            assert_eq!(parsed(&[argument]), unknown);
            assert_eq!(parsed(&["--version", argument]), unknown);
        }
    }

    #[test]
    fn option_with_an_unexpected_value_is_rejected() {
        assert_eq!(parsed(&["--version=1"]), Err(ArgumentError::UnexpectedValue));
        assert_eq!(parsed(&["--help=version", "-V"]), Err(ArgumentError::UnexpectedValue));
    }

    #[test]
    fn argument_that_is_no_link_is_rejected_and_not_repeated() {
        for argument in [
            "nonsense",
            "/tmp/file",
            "",
            "-",
            "io.latchkey.desktop",
            "https://acme.example/?code=1",
            "io.latchkey.desktop.evil://callback?code=1",
        ] {
            let why = parsed(&[argument]).unwrap_err();
            assert_eq!(why, ArgumentError::NotALink { scheme: SCHEME.to_owned() }, "{argument}");
        }
        assert!(matches!(parsed(&["--", "--version"]), Err(ArgumentError::NotALink { .. })));
    }

    // req: B14
    #[test]
    fn options_beside_a_link_are_ignored() {
        for link in ["io.latchkey.desktop://callback?code=1", "IO.Latchkey.Desktop:login"] {
            for arguments in [
                &[link][..],
                &[link, "--version"],
                &["--help", link],
                &["--inspect", link],
                &["--background", link],
                &["nonsense", link],
                &["self-check", link],
                &["self-check", "--json", link],
                &["--", link],
                &[link, link],
            ] {
                assert_eq!(parsed(arguments), Ok(Start::Window), "{arguments:?}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn argument_that_is_no_text_is_rejected() {
        use std::os::unix::ffi::OsStringExt;
        let bytes = |bytes: &[u8]| {
            parse(&[OsString::from_vec(bytes.to_vec())], SCHEME).map(|arguments| arguments.start)
        };
        assert!(matches!(bytes(b"\xff"), Err(ArgumentError::NotALink { .. })));
        assert!(matches!(bytes(b"--\xff"), Err(ArgumentError::UnknownOption(_))));
        assert_eq!(bytes(b"io.latchkey.desktop:\xff"), Ok(Start::Window));
    }

    #[test]
    fn help_fits_a_terminal_and_names_each_option() {
        let help = help("Latchkey", SCHEME);
        for option in [
            "-h, --help",
            "-V, --version",
            "self-check",
            "--json",
            "--background",
            SCHEME,
            "SCALEKIT_ENVIRONMENT_URL",
        ] {
            assert!(help.contains(option), "{option}");
        }
        assert!(help.lines().all(|line| line.len() <= 90), "{help}");
    }
}
