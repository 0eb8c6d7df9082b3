//! A mutant, as cargo-mutants describes it.

use serde::Deserialize;

/// A mutant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mutant {
    /// File, line, column, mutation and function.
    pub name: String,
    pub package: String,
    pub file: String,
    /// The mutation as a diff with context and without line numbers.
    pub diff: String,
}

impl Mutant {
    /// The mutation and the function, without the position.
    pub fn mutation(&self) -> &str {
        self.name.splitn(4, ':').nth(3).unwrap_or_default().trim()
    }

    /// File, line and column; as a word, it makes `cargo xtask mutants` test the mutants at this position only.
    pub fn place(&self) -> &str {
        self.name.split(": ").next().unwrap_or_default()
    }

    /// The first changed line after the mutation, which distinguishes mutants with the same description.
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

/// The comment that cargo-mutants adds to a mutated line.
const MARK: &str = "/* ~ changed by cargo-mutants ~ */";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutant_is_identified_by_its_change_not_its_line() {
        let one = Mutant::named("scalekit-auth", "src/a.rs:12:7: replace A::b -> X::Y with true");
        assert_eq!(
            (one.mutation(), one.place()),
            ("replace A::b -> X::Y with true", "src/a.rs:12:7")
        );
        assert_eq!(one.becomes(), "a || b && c");
    }
}
