//! What the bench found: figures with the bound that is wanted of them, as a table for people
//! and as JSON for programs.

use super::failure::{Doing, Result};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) value: f64,
    unit: Unit,
    bound: Option<Bound>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    PerSecond,
    Milliseconds,
    Microseconds,
    /// A part of a whole, kept as a fraction and printed in percent.
    Share,
    /// How many times something else.
    Times,
    Megabytes,
    Count,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    AtLeast(f64),
    Under(f64),
}

impl Figure {
    pub(super) fn new(name: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self { name: name.into(), value, unit, bound: None }
    }

    pub(super) fn at_least(self, bound: f64) -> Self {
        Self { bound: Some(Bound::AtLeast(bound)), ..self }
    }

    pub(super) fn under(self, bound: f64) -> Self {
        Self { bound: Some(Bound::Under(bound)), ..self }
    }

    pub(super) fn renamed(self, name: String) -> Self {
        Self { name, ..self }
    }

    pub(super) fn without_bound(self) -> Self {
        Self { bound: None, ..self }
    }

    /// `None` where nothing is wanted of the figure.
    pub(super) fn met(&self) -> Option<bool> {
        self.bound.map(|bound| match bound {
            Bound::AtLeast(least) => self.value >= least,
            Bound::Under(limit) => self.value < limit,
        })
    }

    fn wanted(&self) -> String {
        match self.bound {
            None => String::new(),
            Some(Bound::AtLeast(least)) => format!(">= {}", self.unit.bound_text(least)),
            Some(Bound::Under(limit)) => format!("< {}", self.unit.bound_text(limit)),
        }
    }
}

impl Unit {
    fn text(self, value: f64) -> String {
        match self {
            Self::PerSecond => format!("{} /s", grouped(value)),
            Self::Milliseconds if value < 10.0 => format!("{value:.2} ms"),
            Self::Milliseconds => format!("{value:.1} ms"),
            Self::Microseconds => format!("{value:.1} µs"),
            Self::Share => format!("{:.1} %", value * 100.0),
            Self::Times => format!("{value:.2} x"),
            Self::Megabytes => format!("{value:.1} MB"),
            Self::Count => grouped(value),
        }
    }

    /// Bounds are round numbers and read best without decimals.
    fn bound_text(self, value: f64) -> String {
        match self {
            Self::PerSecond => format!("{} /s", grouped(value)),
            Self::Milliseconds => format!("{value} ms"),
            Self::Microseconds => format!("{value} µs"),
            Self::Share => format!("{:.0} %", value * 100.0),
            Self::Times => format!("{value} x"),
            Self::Megabytes => format!("{value} MB"),
            Self::Count => grouped(value),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "per_second",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Share => "share",
            Self::Times => "times",
            Self::Megabytes => "mb",
            Self::Count => "count",
        }
    }
}

/// The middle value of each figure over all runs that have it, in the order of first mention.
pub(super) fn medians(runs: &[Vec<Figure>]) -> Vec<Figure> {
    let mut result: Vec<Figure> = Vec::new();
    for figure in runs.iter().flatten() {
        if result.iter().any(|known| known.name == figure.name) {
            continue;
        }
        let values: Vec<f64> =
            runs.iter().flatten().filter(|f| f.name == figure.name).map(|f| f.value).collect();
        result.push(Figure { value: median(values), ..figure.clone() });
    }
    result
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count.is_multiple_of(2) => (values[count / 2 - 1] + values[count / 2]) / 2.0,
        count => values[count / 2],
    }
}

pub(super) fn table(figures: &[Figure]) -> String {
    let name_width = figures.iter().map(|figure| figure.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for figure in figures {
        let verdict = match figure.met() {
            None => "",
            Some(true) => "ok",
            Some(false) => "MISSED",
        };
        let value = figure.unit.text(figure.value);
        let line =
            format!("{:name_width$}  {value:>14}  {:12}{verdict}", figure.name, figure.wanted());
        writeln!(text, "{}", line.trim_end()).expect("a string takes whatever is written");
    }
    text
}

pub(super) fn write_json(path: &Path, database: &str, figures: &[Figure]) -> Result<()> {
    let document = json!({ "database": database, "figures": as_json(figures) });
    let text = format!("{document:#}\n");
    std::fs::write(path, text).doing(format!("writing {}", path.display()))
}

fn as_json(figures: &[Figure]) -> Vec<serde_json::Value> {
    figures
        .iter()
        .map(|figure| {
            let (at_least, under) = match figure.bound {
                None => (None, None),
                Some(Bound::AtLeast(least)) => (Some(least), None),
                Some(Bound::Under(limit)) => (None, Some(limit)),
            };
            json!({
                "name": figure.name.trim_start(),
                "value": figure.value,
                "unit": figure.unit.name(),
                "at_least": at_least,
                "under": under,
                "met": figure.met(),
            })
        })
        .collect()
}

fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digit.is_ascii_digit() {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_the_sorted() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(vec![7.0]), 7.0);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn medians_go_figure_by_figure_in_the_order_of_first_mention() {
        let run = |rate: f64, share: f64| {
            vec![
                Figure::new("rate", rate, Unit::PerSecond),
                Figure::new("share", share, Unit::Share).at_least(0.4),
            ]
        };
        // The middle rate and the middle share need not be of the same run.
        let runs = [run(10.0, 0.5), run(30.0, 0.3), run(20.0, 0.2), vec![]];
        let figures = medians(&runs);
        assert_eq!(figures, run(20.0, 0.3));
    }

    #[test]
    fn a_bound_is_met_or_missed_at_its_edge() {
        let check = |figure: Figure, met: Option<bool>| assert_eq!(figure.met(), met, "{figure:?}");
        let share = |value| Figure::new("share", value, Unit::Share);
        check(share(0.4).at_least(0.4), Some(true));
        check(share(0.399).at_least(0.4), Some(false));
        check(share(0.4).under(0.4), Some(false));
        check(share(0.399).under(0.4), Some(true));
        check(share(0.4), None);
        check(share(0.1).at_least(0.4).without_bound(), None);
        check(share(f64::NAN).at_least(0.4), Some(false));
        check(share(f64::NAN).under(0.4), Some(false));
    }

    #[test]
    fn the_table_shows_value_bound_and_verdict() {
        let figures = [
            Figure::new("raw rate", 44_120.4, Unit::PerSecond),
            Figure::new("  of the raw rate", 0.456, Unit::Share).at_least(0.4),
            Figure::new("  p99", 41.23, Unit::Milliseconds).under(40.0),
            Figure::new("refused", 1_234_567.0, Unit::Count),
        ];
        let expected = "\
raw rate                44,120 /s
  of the raw rate          45.6 %  >= 40 %     ok
  p99                     41.2 ms  < 40 ms     MISSED
refused                 1,234,567
";
        assert_eq!(table(&figures), expected);
    }

    #[test]
    fn json_keeps_the_exact_value_and_the_bound() {
        let figures = [Figure::new("  p99", 1.5, Unit::Milliseconds).under(40.0)];
        assert_eq!(
            as_json(&figures),
            [json!({"name": "p99", "value": 1.5, "unit": "ms", "at_least": null,
                    "under": 40.0, "met": true})]
        );
    }
}
