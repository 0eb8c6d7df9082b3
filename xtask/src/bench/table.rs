//! The rows as a table, for a terminal and for a Markdown page.

use latchkey_bench_row::Row;

const HEAD: [&str; 6] = ["", "measured", "baseline", "ratio", "goal", ""];

/// The table, each column as wide as its widest cell.
pub fn table(rows: &[Row]) -> String {
    let lines: Vec<[String; 6]> =
        std::iter::once(HEAD.map(str::to_owned)).chain(rows.iter().map(cells)).collect();
    let width = |column: usize| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A row in one line of text.
pub fn line(row: &Row) -> String {
    let [name, value, baseline, ratio, goal, ok] = cells(row);
    let mut line = format!("{name}: {value}");
    if !baseline.is_empty() {
        line = format!("{line} beside {baseline}");
    }
    if !ratio.is_empty() {
        line = format!("{line}, {ratio}");
    }
    if !goal.is_empty() {
        line = format!("{line} (goal {goal} {ok})");
    }
    match &row.note {
        Some(note) => format!("{line}; {note}"),
        None => line,
    }
}

fn cells(row: &Row) -> [String; 6] {
    let baseline = row.baseline_name.as_ref().zip(row.baseline);
    let value = |value| format!("{} {}", figure(value), row.unit).trim_end().to_owned();
    let verdict = match row.ok {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "",
    };
    [
        row.name.clone(),
        row.value.map_or_else(|| "–".to_owned(), value),
        baseline.map_or_else(String::new, |(name, value)| format!("{} ({name})", figure(value))),
        row.ratio.map_or_else(String::new, |ratio| format!("{} ×", figure(ratio))),
        row.goal.clone().unwrap_or_default(),
        verdict.to_owned(),
    ]
}

/// A number with three significant digits.
pub fn figure(number: f64) -> String {
    let digits = match number.abs() {
        0.0 => 0,
        n if n < 0.1 => 4,
        n if n < 1.0 => 3,
        n if n < 10.0 => 2,
        n if n < 100.0 => 1,
        _ => 0,
    };
    format!("{number:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::row;

    #[test]
    fn bench_figures_have_three_digits() {
        for (number, text) in [
            (0.0, "0"),
            (0.01234, "0.0123"),
            (0.5, "0.500"),
            (1.234, "1.23"),
            (56.78, "56.8"),
            (1234.5, "1234"),
        ] {
            assert_eq!(figure(number), text);
        }
    }

    #[test]
    fn bench_table_aligns_columns_and_marks_goals() {
        let rows = [row("start", 1.8, Some(("≤ 1.15 ×", false))), row("memory in all", 1.0, None)];
        assert_eq!(
            table(&rows),
            "               measured  baseline           ratio   goal\n\
             start          180 ms    100 (bare window)  1.80 ×  ≤ 1.15 ×  ✗\n\
             memory in all  100 ms    100 (bare window)  1.00 ×\n"
        );
    }

    #[test]
    fn bench_line_leaves_out_what_a_row_has_not() {
        let mut row = row("start", 1.8, Some(("≤ 1.15 ×", false)));
        assert_eq!(line(&row), "start: 180 ms beside 100 (bare window), 1.80 × (goal ≤ 1.15 × ✗)");
        (row.baseline, row.ratio, row.goal, row.ok) = (None, None, None, None);
        assert_eq!(line(&row), "start: 180 ms");
        let row = Row::not_measured("read", "ns", "there is no keychain".to_owned());
        assert_eq!(line(&row), "read: –; not measured: there is no keychain");
    }
}
