//! The link among the arguments of a process.

use zeroize::Zeroizing;

/// The link among the arguments of a process, the program's own name included.
///
/// A desktop starts the handler of a scheme with the link as its only argument. With any further argument,
/// which may be an injected option (CVE-2018-1000006), there is no link.
#[must_use]
pub fn link_among(arguments: &[String], scheme: &str) -> Option<Zeroizing<Vec<u8>>> {
    let [_, only] = arguments else { return None };
    let (name, _) = only.split_once(':')?;
    name.eq_ignore_ascii_case(scheme).then(|| Zeroizing::new(only.as_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(arguments: &[&str]) -> bool {
        let arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
        link_among(&arguments, "io.latchkey.desktop").is_some()
    }

    // req: B14
    #[test]
    fn deep_link_is_accepted_only_as_the_sole_argument() {
        assert!(taken(&["latchkey", "io.latchkey.desktop://callback?code=1"]));
        assert!(taken(&["latchkey", "IO.Latchkey.Desktop://callback?code=1"]));
        for not_a_link in [
            &["latchkey"][..],
            &[],
            &["latchkey", "--help"],
            &["latchkey", "https://io.latchkey.desktop/callback"],
            &["latchkey", "io.latchkey.desktop"],
            &["latchkey", "io.latchkey.desktop.evil://callback"],
            &["latchkey", "io.latchkey.desktop://callback", "--gpu-launcher=x"],
            &["latchkey", "--gpu-launcher=x", "io.latchkey.desktop://callback"],
        ] {
            assert!(!taken(not_a_link), "{not_a_link:?}");
        }
    }
}
