//! The time line, as a picture without scripts.

use std::fmt::Write as _;

use super::super::Report;
use super::words::{self, span};
use crate::rule::Severity;
use crate::sinks::Language;

const WIDTH: f64 = 1100.0;
const HEIGHT: f64 = 150.0;
/// Room below for the labels of time.
const LABELS: f64 = 20.0;

/// Bars stacked by severity, the worst at the bottom.
pub(super) fn timeline(report: &Report, language: Language) -> String {
    let most = report.timeline.iter().map(|slice| slice.findings.values().sum::<u64>()).max().unwrap_or(0);
    let Some(last) = report.timeline.len().checked_sub(1).filter(|_| most > 0) else { return String::new() };
    let step = WIDTH / as_f64(report.timeline.len() as u64);
    let name = format!("{} {}", words::EACH_BAR.of(language), span(report.slice_seconds, language));
    let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{name}\">", HEIGHT + LABELS);
    for (n, slice) in report.timeline.iter().enumerate() {
        let (mut top, x) = (HEIGHT, as_f64(n as u64) * step);
        for severity in Severity::ALL.iter().rev() {
            let count = slice.findings.get(severity.as_str()).copied().unwrap_or(0);
            if count == 0 {
                continue;
            }
            // A single finding among thousands is still to be seen.
            let height = (as_f64(count) / as_f64(most) * (HEIGHT - 10.0)).max(2.0);
            top -= height;
            let word = words::severity(*severity).of(language);
            let _ = write!(
                out,
                "<rect class=\"f-{}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{height:.1}\"><title>{} {word}: {count}</title></rect>",
                severity.as_str(),
                (step - 1.0).clamp(1.0, 40.0),
                slice.at,
            );
        }
    }
    let _ = write!(out, "<line class=\"axis\" x1=\"0\" y1=\"{HEIGHT}\" x2=\"{WIDTH}\" y2=\"{HEIGHT}\"/>");
    for (n, anchor) in [(0, "start"), (last / 2, "middle"), (last, "end")] {
        if last < 2 && n > 0 {
            continue;
        }
        let x = match anchor {
            "start" => 0.0,
            "end" => WIDTH,
            _ => (as_f64(n as u64) + 0.5) * step,
        };
        let at = report.timeline[n].at.replace('T', " ").replace(":00Z", "");
        let _ = write!(out, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{at}</text>", HEIGHT + 15.0);
    }
    out + "</svg>"
}

#[allow(clippy::cast_precision_loss)]
const fn as_f64(number: u64) -> f64 {
    number as f64
}
