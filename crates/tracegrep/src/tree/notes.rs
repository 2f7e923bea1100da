//! What the drawing says about itself.

use super::span::{Evidence, Span, Timing};
use crate::{time_text, trace::Line};
use std::{collections::BTreeMap, time::Duration};

pub(super) fn notes(spans: &[&Span], lines: &[&Line]) -> Vec<String> {
    let missing = spans.iter().filter(|span| span.timing == Timing::Missing);
    let missing = count(missing.count(), "parent has", "parents have").map(|text| {
        format!("The trace is incomplete: {text} no line. The logs of another service are not among the searched files, or it does not log its spans.")
    });
    let alone = spans
        .iter()
        .filter(|span| span.evidence == Evidence::Unknown && span.timing != Timing::Missing);
    let alone = alone.count();
    let alone = (alone > 1).then(|| format!("No line names the parents of {alone} spans. They are drawn side by side, in order of time."));
    let unclosed = spans.iter().filter(|span| span.is_unclosed);
    let unclosed = count(unclosed.count(), "span has", "spans have")
        .map(|text| format!("{text} no closing line, and may still be open."));
    let inferred = spans.iter().any(|span| span.timing == Timing::Lines);
    let inferred = inferred
        .then(|| "~ The times are those of the first and the last line of the span.".to_owned());
    let mentions = lines.iter().filter(|line| line.is_mention);
    let mentions = count(mentions.count(), "line belongs", "lines belong")
        .map(|text| format!("{text} to another trace, and only mention this one."));
    let cut = lines.iter().filter(|line| line.is_cut);
    let cut = count(cut.count(), "line is", "lines are")
        .map(|text| format!("{text} too long and was cut."));
    [missing, alone, unclosed, inferred, mentions, cut]
        .into_iter()
        .flatten()
        .chain(shifts(spans))
        .collect()
}

fn count(count: usize, one: &str, several: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {several}")),
    }
}

/// Says which services are drawn with corrected clocks.
fn shifts(spans: &[&Span]) -> impl Iterator<Item = String> {
    let mut by_service: BTreeMap<&str, i64> = BTreeMap::new();
    for span in spans.iter().filter(|span| span.shift != 0) {
        by_service
            .entry(span.service().unwrap_or("?"))
            .or_insert(span.shift);
    }
    by_service.into_iter().map(|(service, shift)| {
        let by = time_text::short(Duration::from_nanos(shift.unsigned_abs()));
        let way = if shift > 0 { "later" } else { "earlier" };
        format!("⇄ Spans of {service} are drawn {by} {way}: its clock differs from that of its caller, before whom it would begin. --raw-times shows the times as logged.")
    })
}
