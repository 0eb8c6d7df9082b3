//! The requirements page: tables whose rows are an id, a sentence and the generated proof.

use anyhow::{Context, Result, ensure};

use super::markers::Marked;

/// The start of an exemption.
const EXCUSE: &str = "Not testable here:";

/// The text for a requirement without a marked test.
const NONE: &str = "none";

/// A row.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    /// It cannot be tested here, for the reason in the row.
    pub is_excused: bool,
}

/// Reads all rows of all tables.
///
/// # Errors
/// When a row is malformed, or an exemption has no reason.
pub fn read(text: &str) -> Result<Vec<Entry>> {
    text.lines().filter(|line| is_row(line)).map(entry).collect()
}

/// The page with the proofs from the markers.
///
/// # Errors
/// When a row is malformed.
pub fn written(text: &str, marked: &Marked) -> Result<String> {
    text.split_inclusive('\n')
        .map(|line| if is_row(line) { row(line, marked) } else { Ok(line.to_owned()) })
        .collect()
}

fn is_row(line: &str) -> bool {
    line.starts_with("| ") && !line.starts_with("| id |")
}

fn row(line: &str, marked: &Marked) -> Result<String> {
    let entry = entry(line.trim_end())?;
    if entry.is_excused {
        return Ok(line.to_owned());
    }
    let (rest, _) = line.rsplit_once(" | ").context("a row without a proof")?;
    let tests = marked.get(&entry.id).into_iter().flatten();
    let proof = tests.map(|test| format!("`{test}`")).collect::<Vec<_>>().join(", ");
    let proof = if proof.is_empty() { NONE } else { &proof };
    Ok(format!("{rest} | {proof} |\n"))
}

fn entry(row: &str) -> Result<Entry> {
    let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
    ensure!(cells.len() == 3, "this row of the requirements does not have three cells: {row}");
    let reason = cells[2].strip_prefix(EXCUSE);
    if let Some(reason) = reason {
        ensure!(reason.trim().len() > 10, "{} is excused without a reason", cells[0]);
    }
    Ok(Entry { id: cells[0].trim_matches('`').to_owned(), is_excused: reason.is_some() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Title\n\nwords\n\n| id | what | proof |\n|---|---|---|\n\
        | A1 | Does `x`. | `a: renamed` |\n\
        | `some-name` | Does y. | Not testable here: it needs another computer. |\n\
        | A3 | Does z. | later |\n";

    #[test]
    fn requirement_row_has_an_id_and_may_be_excused() {
        let entries = read(PAGE).unwrap();
        let found: Vec<_> = entries.iter().map(|one| (&*one.id, one.is_excused)).collect();
        assert_eq!(found, [("A1", false), ("some-name", true), ("A3", false)]);
    }

    #[test]
    fn requirement_row_without_reason_or_third_cell_is_rejected() {
        assert!(read("| A1 | Does x. | Not testable here: |").is_err());
        assert!(read("| A1 | Does x. |").is_err());
    }

    #[test]
    fn requirement_proofs_are_written_from_the_markers() {
        let tests = ["b/c: two".to_owned(), "a: one".to_owned()].into();
        let marked = Marked::from([("A1".to_owned(), tests)]);
        let expected = PAGE.replace("`a: renamed`", "`a: one`, `b/c: two`").replace("later", NONE);
        assert_eq!(written(PAGE, &marked).unwrap(), expected);
        assert_eq!(written(&expected, &marked).unwrap(), expected);
    }
}
