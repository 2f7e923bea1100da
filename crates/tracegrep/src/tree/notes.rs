//! What the drawing says about itself.

use super::span::{Evidence, Span, Timing};
use crate::{time_text, trace::Line};
use std::{collections::BTreeMap, time::Duration};

/// Returns sentences about what is missing, and what is inferred.
pub(super) fn notes(spans: &[&Span], lines: &[&Line]) -> Vec<String> {
    let count = |is_it: fn(&Span) -> bool| spans.iter().filter(|span| is_it(span)).count();
    let count_lines = |is_it: fn(&Line) -> bool| lines.iter().filter(|line| is_it(line)).count();
    let mut notes = Vec::new();
    match count(|span| span.timing == Timing::Missing) {
        0 => {}
        1 => notes.push(
            "The trace is incomplete: 1 parent span has no lines. The logs of its service are not among the searched files, or the service does not log its spans.".to_owned(),
        ),
        missing => notes.push(format!(
            "The trace is incomplete: {missing} parent spans have no lines. The logs of their services are not among the searched files, or the services do not log their spans."
        )),
    }
    match count(|span| span.evidence == Evidence::Unknown && span.timing != Timing::Missing) {
        // A trace has one root.
        0 | 1 => {}
        alone => notes.push(format!(
            "No line names the parents of {alone} spans, and their times do not show them either. They are drawn side by side, in order of time."
        )),
    }
    notes.extend(inferred(spans));
    match count(|span| span.timing == Timing::Backend) {
        0 => {}
        1 => notes.push("The times of 1 span come from the tracing backend.".to_owned()),
        spans => notes.push(format!(
            "The times of {spans} spans come from the tracing backend."
        )),
    }
    match count(|span| span.is_unclosed) {
        0 => {}
        1 => notes.push("1 span has no closing line, and may still be open.".to_owned()),
        open => notes.push(format!(
            "{open} spans have no closing lines, and may still be open."
        )),
    }
    if count(|span| span.timing == Timing::Lines) > 0 {
        notes.push(
            "~ marks times that are those of the first and last line of the span.".to_owned(),
        );
    }
    match count_lines(|line| line.is_mention) {
        0 => {}
        1 => notes.push("1 line belongs to another trace, and only mentions this one.".to_owned()),
        some => notes.push(format!(
            "{some} lines belong to other traces, and only mention this one."
        )),
    }
    match count_lines(|line| line.is_cut) {
        0 => {}
        1 => notes.push("1 line is too long, and is cut.".to_owned()),
        some => notes.push(format!("{some} lines are too long, and are cut.")),
    }
    match count_lines(|line| line.left_out > 0) {
        0 => {}
        1 => notes.push(
            "1 line is followed by more than 4 MiB of lines that belong to it. The rest of them is left out.".to_owned(),
        ),
        some => notes.push(format!(
            "{some} lines are followed by more than 4 MiB of lines that belong to them. The rest of them is left out."
        )),
    }
    match count(|span| span.is_early) {
        0 => {}
        1 => notes.push(
            "1 span begins before the first line of the span that calls it. This is not corrected, because that span has no closing line.".to_owned(),
        ),
        some => notes.push(format!(
            "{some} spans begin before the first lines of the spans that call them. This is not corrected, because those spans have no closing lines."
        )),
    }
    notes.extend(corrected_clocks(spans));
    notes
}

/// Says which parents no line names.
fn inferred(spans: &[&Span]) -> impl Iterator<Item = String> {
    let count = |evidence| {
        let spans = spans.iter();
        spans.filter(|span| span.evidence == evidence).count()
    };
    let of = |count: usize| match count {
        1 => "1 span".to_owned(),
        count => format!("{count} spans"),
    };
    let (by_name, by_time) = (count(Evidence::SpanList), count(Evidence::Containment));
    let by_name = (by_name > 0).then(|| {
        format!(
            "╌ The lines of {} only have the name of the parent. The span with this name is drawn as the parent.",
            of(by_name)
        )
    });
    let by_time = (by_time > 0).then(|| {
        format!(
            "╌ No line names the parent of {}. The smallest span that includes it in time is drawn as the parent, which may be wrong.",
            of(by_time)
        )
    });
    by_name.into_iter().chain(by_time)
}

/// Says which services are drawn with corrected clocks.
fn corrected_clocks(spans: &[&Span]) -> impl Iterator<Item = String> {
    let mut by_service: BTreeMap<&str, u64> = BTreeMap::new();
    for span in spans.iter().filter(|span| span.shift != 0) {
        let most = by_service.entry(span.service().unwrap_or("?")).or_default();
        *most = span.shift.unsigned_abs().max(*most);
    }
    by_service.into_iter().map(|(service, shift)| {
        let by = time_text::short(Duration::from_nanos(shift));
        format!(
            "⇄ Spans of {service} are drawn up to {by} later, because by its clock they begin before the spans that call them. --raw-times shows the times as logged."
        )
    })
}
