//! The page of requirements: tables whose rows are an id, a sentence and the proof.

use anyhow::{Result, ensure};

/// How an excuse begins.
const EXCUSE: &str = "Not testable here:";

/// A row.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub standing: Standing,
}

/// What a row says of its requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// These tests prove it.
    Proved(Vec<String>),
    /// It cannot be tested here, for a reason that the row gives.
    Excused,
    /// Neither.
    Open,
}

/// Reads all rows of all tables.
///
/// # Errors
/// When a row is not one, or an excuse gives no reason.
pub fn read(text: &str) -> Result<Vec<Entry>> {
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let rows = rows.filter(|line| !line.starts_with("|---") && !line.starts_with("| id |"));
    rows.map(entry).collect()
}

fn entry(row: &str) -> Result<Entry> {
    let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
    ensure!(cells.len() == 3, "this row of the requirements has not three cells: {row}");
    let standing = match cells[2].strip_prefix(EXCUSE) {
        Some(reason) => {
            ensure!(reason.trim().len() > 10, "{} is excused without a reason", cells[0]);
            Standing::Excused
        }
        None => match tests_in(cells[2]) {
            tests if tests.is_empty() => Standing::Open,
            tests => Standing::Proved(tests),
        },
    };
    Ok(Entry { id: cells[0].trim_matches('`').to_owned(), standing })
}

/// What stands between backticks and names a place and a test in it.
fn tests_in(cell: &str) -> Vec<String> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.filter(|quote| quote.contains(": ")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ledger_row_is_proved_excused_or_open() {
        let text = "# Title\n\nwords\n\n| id | what | proof |\n|---|---|---|\n\
            | A1 | Does `x`. | `a: one`, `b/c: two` |\n\
            | `some-name` | Does y. | Not testable here: it needs another computer. |\n\
            | A3 | Does z. | later |\n";
        let standings: Vec<_> = read(text).unwrap().into_iter().map(|one| one.standing).collect();
        let proved = Standing::Proved(vec!["a: one".to_owned(), "b/c: two".to_owned()]);
        assert_eq!(standings, [proved, Standing::Excused, Standing::Open]);
        assert_eq!(read(text).unwrap()[1].id, "some-name");
    }

    #[test]
    fn ledger_row_without_reason_or_third_cell_is_rejected() {
        assert!(read("| A1 | Does x. | Not testable here: |").is_err());
        assert!(read("| A1 | Does x. |").is_err());
    }
}
