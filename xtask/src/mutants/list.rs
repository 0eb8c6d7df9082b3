//! A mutant, as cargo-mutants tells of it.

use serde::Deserialize;

/// One thing that is changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mutant {
    /// File, line, column, and what is changed in which function.
    pub name: String,
    pub package: String,
    pub file: String,
    /// The change, with the lines around it and without their numbers.
    pub diff: String,
}

impl Mutant {
    /// What is changed in which function, without the place.
    pub fn says(&self) -> &str {
        self.name.splitn(4, ':').nth(3).unwrap_or_default().trim()
    }

    /// File, line and column: with them as a word, `cargo xtask mutants` tries what is changed there alone.
    pub fn place(&self) -> &str {
        self.name.split(": ").next().unwrap_or_default()
    }

    /// The first line that is other than before, as it is then: it tells two changes apart that are said
    /// in the same words.
    pub fn becomes(&self) -> String {
        let added = |line: &&str| line.starts_with('+') && !line.starts_with("+++");
        let line = self.diff.lines().find(added).unwrap_or_default().replace(MARK, " ");
        line.trim_start_matches('+').split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[cfg(test)]
    pub fn named(package: &str, name: &str) -> Self {
        let file = name.split(':').next().unwrap_or_default().to_owned();
        let diff = String::from(
            "--- a\n+++ b\n-    old\n+    a || b /* ~ changed by cargo-mutants ~ */ && c\n",
        );
        Self { name: name.to_owned(), package: package.to_owned(), file, diff }
    }
}

/// What cargo-mutants writes behind what it put in.
const MARK: &str = "/* ~ changed by cargo-mutants ~ */";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutant_is_identified_by_its_change_not_its_line() {
        let one = Mutant::named("scalekit-auth", "src/a.rs:12:7: replace A::b -> X::Y with true");
        assert_eq!((one.says(), one.place()), ("replace A::b -> X::Y with true", "src/a.rs:12:7"));
        assert_eq!(one.becomes(), "a || b && c");
    }
}
