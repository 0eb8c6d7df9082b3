//! What the program was started with: nothing, a link, or an option that prints a text.

use std::ffi::{OsStr, OsString};

use lexopt::prelude::*;

/// What a start is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The window, or the one that is open already.
    Window,
    /// The tray, where there is one; the window stays hidden until it is asked for.
    Background,
    /// To print the version.
    Version,
    /// To print which arguments there are.
    Help,
}

/// Arguments that are not understood. Of an argument that is no option nothing is repeated: it may be a link with a
/// code in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// An option that does not exist.
    #[error("there is no option {0}")]
    UnknownOption(String),
    /// `--version=1`.
    #[error("its options take no value")]
    UnexpectedValue,
    /// A path, a word, a link with another scheme.
    #[error("it takes options and links of the scheme {scheme}, and nothing else")]
    NotALink {
        /// The scheme of Latchkey's links.
        scheme: String,
    },
}

/// Reads the arguments, without the program's own name.
///
/// Any web page can start the program with a link, and a desktop that splits it, with more arguments
/// (CVE-2018-1000006): beside a link nothing is an option.
///
/// # Errors
/// When there is no link, and something that is no option of this program.
pub fn parse(arguments: &[OsString], scheme: &str) -> Result<Start, ArgumentError> {
    if arguments.iter().any(|argument| is_link(argument, scheme)) {
        return Ok(Start::Window);
    }
    let mut start = Start::Window;
    let mut parser = lexopt::Parser::from_args(arguments);
    loop {
        let argument = match parser.next() {
            Ok(Some(argument)) => argument,
            Ok(None) => return Ok(start),
            // Nothing else can be wrong with what comes next.
            Err(_) => return Err(ArgumentError::UnexpectedValue),
        };
        start = match argument {
            Long("help") | Short('h') => Start::Help,
            Long("version") | Short('V') => Start::Version,
            Long("background") if start == Start::Window => Start::Background,
            Long("background") => start,
            Long(name) => return Err(unknown(format!("--{name}"))),
            Short(name) => return Err(unknown(format!("-{name}"))),
            Value(_) => return Err(ArgumentError::NotALink { scheme: scheme.to_owned() }),
        };
    }
}

/// A terminal would obey control characters.
fn unknown(option: String) -> ArgumentError {
    ArgumentError::UnknownOption(option.escape_debug().to_string())
}

fn is_link(argument: &OsStr, scheme: &str) -> bool {
    let argument = argument.to_string_lossy();
    argument.split_once(':').is_some_and(|(name, _)| name.eq_ignore_ascii_case(scheme))
}

/// What `--version` prints.
pub fn version(name: &str, version: &str) -> String {
    format!("{name} {version}")
}

/// What `--help` prints.
pub fn help(name: &str, scheme: &str) -> String {
    format!(
        "\
{name}: sign in with Scalekit

latchkey [link]
latchkey --background
latchkey --help | --version

  link           a link that begins with {scheme}:
                 The desktop starts {name} with it; beside it, all other arguments are
                 ignored.
  --background   start without the window where the desktop has a tray, as at login
  -h, --help     print this text
  -V, --version  print the version

Without arguments, {name} opens its window, or shows the one that is open already.

Environment variables:
  SCALEKIT_ENVIRONMENT_URL, SCALEKIT_CLIENT_ID
                 the Scalekit environment and the client id, before those of the settings
  LATCHKEY_LOG   the log's filter on standard error, such as debug; by default warn

Exit codes:
  0              the window was closed, the instance that runs already has taken over, or
                 the text was printed
  1              {name} cannot start or go on; a message box and standard error say why
  2              an argument is not understood; standard error says which"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEME: &str = "io.latchkey.desktop";

    fn parsed(arguments: &[&str]) -> Result<Start, ArgumentError> {
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        parse(&arguments, SCHEME)
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
        let bytes = |bytes: &[u8]| parse(&[OsString::from_vec(bytes.to_vec())], SCHEME);
        assert!(matches!(bytes(b"\xff"), Err(ArgumentError::NotALink { .. })));
        assert!(matches!(bytes(b"--\xff"), Err(ArgumentError::UnknownOption(_))));
        assert_eq!(bytes(b"io.latchkey.desktop:\xff"), Ok(Start::Window));
    }

    #[test]
    fn help_fits_a_terminal_and_names_each_option() {
        let help = help("Latchkey", SCHEME);
        for option in
            ["-h, --help", "-V, --version", "--background", SCHEME, "SCALEKIT_ENVIRONMENT_URL"]
        {
            assert!(help.contains(option), "{option}");
        }
        assert!(help.lines().all(|line| line.len() <= 90), "{help}");
    }
}
