//! An SVG of the requests per second over the day, with two curves in each of a few panels. A plotting crate would be
//! more code than this file.

use std::fmt::Write;

use crate::{
    day::{self, BEGIN, END, HOUR, MINUTE, SECOND},
    environment::{Counted, Counts},
    figures::Rates,
};

/// The day of one fleet.
pub struct Panel<'a> {
    /// The title.
    pub title: String,
    /// The counted requests.
    pub counts: &'a Counts,
}

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 40.0;

/// The panels, one below the other, as an SVG.
#[must_use]
pub fn svg(panels: &[Panel<'_>]) -> String {
    let mut svg = String::new();
    let height = HEIGHT * panels.iter().map(|_| 1.0).sum::<f64>();
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12" fill="#1d2433"><rect width="{WIDTH}" height="{height}" fill="#ffffff"/>"##
    );
    let mut top = 0.0;
    for panel in panels {
        panel.draw(&mut svg, top);
        top += HEIGHT;
    }
    svg.push_str("</svg>\n");
    svg
}

impl Panel<'_> {
    fn draw(&self, svg: &mut String, top: f64) {
        let reached = self.counts.reached();
        let all = by_minute(&reached);
        let rates = Rates::of(&reached);
        let limited = by_minute(self.counts.of(Counted::Limited));
        let unreached = by_minute(self.counts.of(Counted::Unreached));
        let highest = all.iter().chain(&unreached).copied().fold(1.0, f64::max);
        let step = tick(highest);
        let bound = (highest / step).ceil() * step;
        let y = |rate: f64| top + TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - rate / bound);
        let (floor, ceiling) = (y(0.0), y(bound));
        let _ = write!(
            svg,
            r#"<text x="{LEFT}" y="{}" font-weight="bold">{}</text>"#,
            top + 22.0,
            escaped(&self.title)
        );
        for (range, name) in
            [(&day::OUTAGE, "down"), (&day::RATE_LIMITED, "limited"), (&day::SITE_DOWN, "site")]
        {
            let (from, to) = (x(range.start), x(range.end));
            let _ = write!(
                svg,
                r##"<rect x="{from:.1}" y="{ceiling:.1}" width="{:.1}" height="{:.1}" fill="#f0e6d8"/><text x="{from:.1}" y="{:.1}" font-size="10" fill="#7a5c2e">{name}</text>"##,
                to - from,
                floor - ceiling,
                ceiling - 3.0
            );
        }
        let mut rate = 0.0;
        while rate <= bound + step / 2.0 {
            let _ = write!(
                svg,
                r##"<line x1="{LEFT}" x2="{:.1}" y1="{:.1}" y2="{:.1}" stroke="#d9dde5"/><text x="{:.1}" y="{:.1}" text-anchor="end">{rate}</text>"##,
                WIDTH - RIGHT,
                y(rate),
                y(rate),
                LEFT - 6.0,
                y(rate) + 4.0
            );
            rate += step;
        }
        for hour in BEGIN / HOUR..=END / HOUR {
            let _ = write!(
                svg,
                r#"<text x="{:.1}" y="{:.1}" text-anchor="middle">{hour}:00</text>"#,
                x(hour * HOUR),
                floor + 18.0
            );
        }
        curve(svg, &unreached, "#b8bfcc", &y);
        curve(svg, &limited, "#c2571a", &y);
        curve(svg, &all, "#1f5fbf", &y);
        let mean = y(rates.mean);
        let _ = write!(
            svg,
            r##"<line x1="{:.1}" x2="{:.1}" y1="{mean:.1}" y2="{mean:.1}" stroke="#1d2433" stroke-dasharray="4 4"/>"##,
            x(day::STEADY[0].start),
            x(day::STEADY[1].end)
        );
        let _ = write!(
            svg,
            r##"<text x="{:.1}" y="{:.1}" text-anchor="end"><tspan fill="#1f5fbf">requests/s</tspan> <tspan fill="#c2571a">rejected with 429</tspan> <tspan fill="#8a93a3">unreached</tspan> <tspan>- - mean</tspan></text>"##,
            WIDTH - RIGHT,
            top + 22.0
        );
    }
}

fn x(at: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a day are exact in a double")]
    let share = (at - BEGIN) as f64 / (END - BEGIN) as f64;
    LEFT + (WIDTH - LEFT - RIGHT) * share
}

fn by_minute(requests: &[u32]) -> Vec<f64> {
    requests
        .chunks(60)
        .map(|minute| minute.iter().copied().map(f64::from).sum::<f64>() / 60.0)
        .collect()
}

/// A round distance between two grid lines, for about five of them.
fn tick(highest: f64) -> f64 {
    let rough = highest / 5.0;
    let power = 10.0_f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 5.0].into_iter().find(|round| round * power >= rough);
    round.unwrap_or(10.0) * power
}

fn curve(svg: &mut String, rates: &[f64], colour: &str, y: &impl Fn(f64) -> f64) {
    let mut points = String::new();
    for (minute, rate) in (0..).zip(rates) {
        let at = BEGIN + minute * MINUTE + MINUTE / 2;
        let _ = write!(points, "{:.1},{:.1} ", x(at.min(END - SECOND)), y(*rate));
    }
    let _ = write!(
        svg,
        r#"<polyline fill="none" stroke="{colour}" stroke-width="1.4" points="{}"/>"#,
        points.trim_end()
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tick_is_round_and_gives_about_five_lines() {
        assert_eq!([1.0, 9.0, 4200.0, 26_000.0].map(tick), [0.2, 2.0, 1000.0, 10_000.0]);
    }

    #[test]
    fn svg_has_three_curves_in_each_panel() {
        let counts = Counts::default();
        let panel = || Panel { title: "a < b".to_owned(), counts: &counts };
        let svg = svg(&[panel(), panel()]);
        assert_eq!(svg.matches("<polyline").count(), 6);
        assert!(svg.contains("a &lt; b") && svg.ends_with("</svg>\n"));
    }
}
