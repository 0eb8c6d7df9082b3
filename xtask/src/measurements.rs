//! `cargo xtask measurements`: updates `docs/measurements.md` with the figures of the last runs.
//!
//! Each run writes its report to the target folder. A report that is older than the checked-out commit measured
//! another version, and is ignored.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    bench::figure,
    steps::{program, root, stdout_of, target},
};

const PAGE: &str = "docs/measurements.md";
const BEGIN: &str = "<!-- measurements: begin -->";
const END: &str = "<!-- measurements: end -->";

/// A command's report, and the figure in it.
struct Source {
    name: &'static str,
    /// The path in the target folder.
    file: &'static str,
    command: &'static str,
    figure: fn(&str) -> Option<String>,
}

const SOURCES: &[Source] = &[
    Source {
        name: "Seeded schedules",
        file: "simulate/report.json",
        command: "cargo xtask simulate --seeds N",
        figure: schedules,
    },
    Source {
        name: "Exhaustive search",
        file: "simulate/exhaustive.json",
        command: "cargo xtask simulate --exhaustive",
        figure: orders,
    },
    Source {
        name: "Fuzzing, executions",
        file: "fuzz/report.json",
        command: "cargo xtask fuzz",
        figure: executions,
    },
    Source {
        name: "Fuzzing, edges covered",
        file: "fuzz/report.json",
        command: "cargo xtask fuzz",
        figure: edges,
    },
    Source {
        name: "Hand-written mutants",
        file: "written-mutants/report.json",
        command: "cargo xtask written-mutants",
        figure: written_mutants,
    },
    Source {
        name: "Mutants of cargo-mutants",
        file: "mutants/report.json",
        command: "cargo xtask mutants",
        figure: mutants,
    },
    Source {
        name: "Requirements",
        file: "requirements/report.json",
        command: "cargo xtask requirements",
        figure: requirements,
    },
    Source {
        name: "Kills of the application during a refresh",
        file: "chaos/application-kills.md",
        command: "cargo xtask test chaos",
        figure: first_line,
    },
    Source {
        name: "Kills at random moments, without a window",
        file: "chaos/random-kills.md",
        command: "cargo xtask test chaos",
        figure: first_line,
    },
    Source {
        name: "Two processes refreshing at once",
        file: "chaos/two-processes.md",
        command: "cargo xtask test chaos",
        figure: first_line,
    },
    Source {
        name: "Kill of the lock's holder",
        file: "chaos/killed-holder.md",
        command: "cargo xtask test chaos",
        figure: first_line,
    },
    Source {
        name: "Cold start to the restored profile",
        file: "bench/report.json",
        command: "cargo xtask bench",
        figure: |text| compared(text, "cold start to the restored profile on screen"),
    },
    Source {
        name: "Memory with the window, all processes",
        file: "bench/report.json",
        command: "cargo xtask bench",
        figure: |text| compared(text, "memory, signed in with its window"),
    },
    Source {
        name: "Processor while the profile stands still",
        file: "bench/report.json",
        command: "cargo xtask bench",
        figure: |text| compared(text, "idle with its window: processor"),
    },
    Source {
        name: "Package (deb)",
        file: "bench/report.json",
        command: "cargo xtask bench",
        figure: |text| compared(text, "package (deb)"),
    },
];

/// A row of the table.
struct Row {
    name: &'static str,
    figure: String,
    command: &'static str,
    date: String,
    commit: String,
}

/// Rewrites the rows with these names, or all, for which there is a report.
pub fn run(names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| SOURCES.iter().all(|one| one.name != **name)) {
        let known: Vec<_> = SOURCES.iter().map(|source| source.name).collect();
        anyhow::bail!("There is no measurement {unknown:?}. There are: {}", known.join("; "));
    }
    let git = |arguments: &[&str]| stdout_of(&mut program("git", arguments));
    let commit = git(&["describe", "--always", "--dirty", "--exclude", "*"])
        .context("git did not print the commit")?;
    let committed = git(&["log", "-1", "--format=%ct"]).and_then(|seconds| seconds.parse().ok());
    let committed: u64 = committed.context("git did not print the date of the commit")?;
    let mut rows = Vec::new();
    for source in SOURCES {
        if !names.is_empty() && names.iter().all(|name| name != source.name) {
            continue;
        }
        let file = target().join(source.file);
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let written = seconds(fs::metadata(&file)?.modified()?);
        if written < committed {
            println!("{}: left out, the report is older than the commit", source.name);
            continue;
        }
        let figure =
            (source.figure)(&text).with_context(|| format!("{} cannot be read", file.display()))?;
        println!("{}: {figure}", source.name);
        let (commit, date) = (commit.clone(), date(written));
        rows.push(Row { name: source.name, figure, command: source.command, date, commit });
    }
    let page = root().join(PAGE);
    let text = fs::read_to_string(&page).with_context(|| format!("{PAGE} cannot be read"))?;
    fs::write(&page, rewritten(&text, &rows)?)?;
    Ok(())
}

/// The page in which these rows replace those with the same names, or are added to the table.
fn rewritten(page: &str, rows: &[Row]) -> Result<String> {
    let (before, rest) = page.split_once(BEGIN).context("the page has no begin of the table")?;
    let (table, after) = rest.split_once(END).context("the page has no end of the table")?;
    let mut lines: Vec<String> =
        table.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    ensure!(lines.len() >= 2, "the table has no head");
    for row in rows {
        ensure!(!row.figure.contains('|'), "{} holds a bar", row.name);
        let Row { name, figure, command, date, commit } = row;
        let line = format!("| {name} | {figure} | `{command}` | {date} | {commit} |");
        let begin = format!("| {name} |");
        match lines.iter_mut().find(|line| line.starts_with(&begin)) {
            Some(there) => *there = line,
            None => lines.push(line),
        }
    }
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", lines.join("\n")))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The date in UTC, such as `2026-11-28`.
fn date(seconds: u64) -> String {
    let mut days = seconds / 86_400;
    let mut year = 1970;
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}

/// A number with thousands separators.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn number(report: &Value, name: &str) -> Option<String> {
    Some(grouped(report[name].as_u64()?))
}

fn schedules(text: &str) -> Option<String> {
    let report = json(text)?;
    let of = |name| number(&report, name);
    let violations = report["violations"].as_array()?.len();
    Some(format!(
        "{} schedules, {} steps, {} faults, {violations} violations",
        of("schedules")?,
        of("steps")?,
        of("faults")?
    ))
}

fn orders(text: &str) -> Option<String> {
    let report = json(text)?;
    let searches = report["searches"].as_array()?;
    let violations = searches.iter().filter(|search| !search["violation"].is_null()).count();
    Some(format!(
        "{} states, {} transitions, {violations} violations",
        number(&report, "states")?,
        number(&report, "transitions")?
    ))
}

fn executions(text: &str) -> Option<String> {
    let report = json(text)?;
    let targets = report["targets"].as_array()?;
    let sum = |name: &str| targets.iter().filter_map(|one| one[name].as_u64()).sum();
    let (executions, seconds) = (grouped(sum("executions")), grouped(sum("seconds")));
    Some(format!("{executions} executions of {} targets in {seconds} s", targets.len()))
}

fn edges(text: &str) -> Option<String> {
    let report = json(text)?;
    let edges = report["targets"].as_array()?.iter();
    let edges = edges.map(|one| Some(format!("{} {}", one["target"].as_str()?, one["edges"])));
    Some(edges.collect::<Option<Vec<_>>>()?.join(", "))
}

fn written_mutants(text: &str) -> Option<String> {
    let report = json(text)?;
    let count = |name: &str| Some(report[name].as_array()?.len());
    Some(format!(
        "{} mutants, {} tests failed as expected, {} did not",
        number(&report, "mutants")?,
        count("killedBy")?,
        count("survived")?
    ))
}

fn mutants(text: &str) -> Option<String> {
    let report = json(text)?;
    let of = |name| number(&report, name);
    Some(format!(
        "{} tried, {} killed, {} equivalent, {} survived",
        of("tried")?,
        of("caught")?,
        of("equivalent")?,
        of("survived")?
    ))
}

fn requirements(text: &str) -> Option<String> {
    let report = json(text)?;
    let of = |name| number(&report, name);
    Some(format!("{} of {} tested, {} excused", of("covered")?, of("total")?, of("excused")?))
}

/// A row of the bench with its baseline.
fn compared(text: &str, name: &str) -> Option<String> {
    let report = json(text)?;
    let row = report["rows"].as_array()?.iter().find(|row| row["name"] == name)?;
    let (unit, ratio) = (row["unit"].as_str()?, row["ratio"].as_f64()?);
    let [value, baseline] = ["value", "baseline"].map(|name| row[name].as_f64().map(figure));
    let against = row["baseline_name"].as_str()?;
    Some(format!("{} {unit} beside {} ({against}), {} ×", value?, baseline?, figure(ratio)))
}

fn first_line(text: &str) -> Option<String> {
    text.lines().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "| Measurement | Result | Command | Date | Commit |\n|---|---|---|---|---|";

    fn page(rows: &str) -> String {
        format!("# Title\n\n{BEGIN}\n\n{HEAD}\n{rows}\n\n{END}\n\nAfter.\n")
    }

    fn row(name: &'static str, figure: &str) -> Row {
        let (date, commit) = ("2026-11-28".to_owned(), "abc".to_owned());
        Row { name, figure: figure.to_owned(), command: "cargo x", date, commit }
    }

    #[test]
    fn measurement_rows_are_replaced_by_name_or_appended() {
        let old = page("| A | 1 | `y` | 2026-01-01 | 000 |\n| B | 2 | `y` | 2026-01-01 | 000 |");
        let rows = [row("A", "3"), row("C", "4")];
        let new = page(
            "| A | 3 | `cargo x` | 2026-11-28 | abc |\n| B | 2 | `y` | 2026-01-01 | 000 |\n| C | 4 | `cargo x` | 2026-11-28 | abc |",
        );
        assert_eq!(rewritten(&old, &rows).unwrap(), new);
        assert_eq!(rewritten(&new, &rows).unwrap(), new);
        assert_eq!(rewritten(&old, &[]).unwrap(), old);
    }

    #[test]
    fn measurements_without_markers_or_with_bar_are_rejected() {
        assert!(rewritten("# Title\n", &[]).is_err());
        assert!(rewritten(&page("| A | 1 | `y` | d | c |"), &[row("A", "1 | 2")]).is_err());
    }

    #[test]
    fn measurements_page_can_be_rewritten() {
        let text = fs::read_to_string(root().join(PAGE)).unwrap();
        assert_eq!(rewritten(&text, &[]).unwrap(), text);
        for source in SOURCES {
            assert!(text.contains(&format!("| {} |", source.name)), "{}", source.name);
        }
    }

    #[test]
    fn measurements_are_read_from_reports() {
        let report = r#"{"schedules": 60000, "steps": 12345678, "faults": 9, "violations": []}"#;
        let figure = "60,000 schedules, 12,345,678 steps, 9 faults, 0 violations";
        assert_eq!(schedules(report).as_deref(), Some(figure));
        let report = r#"{"states": 5, "transitions": 7, "searches": [{"violation": null}, {"violation": {}}]}"#;
        assert_eq!(orders(report).as_deref(), Some("5 states, 7 transitions, 1 violations"));
        let report = r#"{"targets": [{"target": "keys", "seconds": 60, "executions": 1500, "edges": 8},
            {"target": "link", "seconds": 60, "executions": 1, "edges": 9}]}"#;
        let figure = "1,501 executions of 2 targets in 120 s";
        assert_eq!(executions(report).as_deref(), Some(figure));
        assert_eq!(edges(report).as_deref(), Some("keys 8, link 9"));
        let report = r#"{"mutants": 2, "killedBy": ["a", "b", "c"], "survived": []}"#;
        let figure = "2 mutants, 3 tests failed as expected, 0 did not";
        assert_eq!(written_mutants(report).as_deref(), Some(figure));
        let report = r#"{"tried": 10, "caught": 8, "equivalent": 2, "survived": 0}"#;
        let figure = "10 tried, 8 killed, 2 equivalent, 0 survived";
        assert_eq!(mutants(report).as_deref(), Some(figure));
        let report = r#"{"covered": 246, "total": 247, "excused": 1, "missing": []}"#;
        assert_eq!(requirements(report).as_deref(), Some("246 of 247 tested, 1 excused"));
        let report = r#"{"rows": [{"name": "a", "unit": "ms", "value": 150, "baseline_name": "bare window",
            "baseline": 100, "ratio": 1.5}]}"#;
        let figure = "150 ms beside 100 (bare window), 1.50 ×";
        assert_eq!(compared(report, "a").as_deref(), Some(figure));
        assert_eq!(compared(report, "b"), None);
        assert_eq!(schedules("{}"), None);
    }

    #[test]
    fn date_is_the_day_in_utc() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_399), "2000-02-28");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(1_798_761_599), "2026-12-31");
    }
}
