//! Which spans there are, and how they are connected.

use super::{
    cycles,
    span::{Evidence, Span, Timing},
};
use crate::{
    record::{Moment, Record},
    trace::Line,
};
use std::collections::HashMap;

/// Fields with which tracing-stamp and tracing-subscriber say how long a span was entered. They are no fields of the span.
const OF_CLOSING_LINES: [&str; 4] = ["busy_ms", "idle_ms", "time.busy", "time.idle"];

/// Returns the lines that belong to no span of the trace.
pub(super) fn outside(lines: &[Line]) -> Vec<usize> {
    let outside = lines.iter().enumerate();
    let outside = outside.filter(|(_, line)| span_id(line).is_none());
    outside.map(|(index, _)| index).collect()
}

fn span_id(line: &Line) -> Option<&str> {
    if line.is_mention {
        return None;
    }
    line.record.span_id.as_deref()
}

pub(super) fn build(lines: &[Line]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(id) = span_id(line) else {
            continue;
        };
        let at = *known.entry(id.to_owned()).or_insert_with(|| {
            spans.push(Span::new(id));
            spans.len() - 1
        });
        if let Some(span) = spans.get_mut(at) {
            span.lines.push(index);
            add(span, &line.record);
        }
    }
    connect(&mut spans, &mut known);
    cycles::cut(&mut spans);
    for child in 0..spans.len() {
        let parent = spans.get(child).and_then(|span| span.parent);
        if let Some(parent) = parent.and_then(|parent| spans.get_mut(parent)) {
            parent.children.push(child);
        }
    }
    spans
}

/// Adds what a line says about its span.
fn add(span: &mut Span, record: &Record) {
    fill(&mut span.name, record.span_name.as_ref());
    fill(&mut span.service, record.service.as_ref());
    span.has_error |= record.is_error();
    let is_closing = record.moment == Some(Moment::Close);
    if let Some(parent) = &record.parent_span_id
        && *parent != span.id
        && (span.parent_id.is_none() || (is_closing && span.evidence != Evidence::ClosingLine))
    {
        span.parent_id = Some(parent.clone());
        span.evidence = match is_closing {
            true => Evidence::ClosingLine,
            false => Evidence::ParentId,
        };
    }
    if let Some(Moment::New | Moment::Close) = record.moment {
        let fields = record
            .fields
            .iter()
            .filter(|(name, _)| !OF_CLOSING_LINES.contains(&&**name));
        span.fields = fields.cloned().collect();
        span.has_error |= record.error.is_some();
    }
    match record.moment {
        Some(Moment::New) if span.timing != Timing::Exact => span.is_unclosed = true,
        Some(Moment::Close) => span.is_unclosed = false,
        _ => {}
    }
    if let Some((start, end)) = stated_times(record) {
        let timing = match record.moment {
            Some(Moment::Close) => Timing::Exact,
            _ => Timing::AccessLine,
        };
        let longest = span
            .end
            .zip(span.start)
            .map(|(end, start)| end.saturating_sub(start));
        let is_better = match timing == span.timing {
            true => longest < Some(end.saturating_sub(start)),
            false => span.timing != Timing::Exact,
        };
        if is_better {
            (span.start, span.end, span.timing) = (Some(start), Some(end), timing);
        }
    } else if !span.timing.is_stated()
        && let Some(time) = record.time
    {
        span.start = Some(span.start.map_or(time, |start| start.min(time)));
        span.end = Some(span.end.map_or(time, |end| end.max(time)));
        span.timing = Timing::Lines;
    }
}

fn fill(known: &mut Option<String>, new: Option<&String>) {
    if known.is_none() {
        *known = new.cloned();
    }
}

/// Returns start and end, if the line says so.
fn stated_times(record: &Record) -> Option<(i64, i64)> {
    let times = record.span_times?;
    let duration = times
        .duration
        .and_then(|duration| i64::try_from(duration.as_nanos()).ok());
    let (start, end) = match (times.start, duration) {
        (Some(start), Some(duration)) => (start, start.checked_add(duration)?),
        (None, Some(duration)) => (record.time?.checked_sub(duration)?, record.time?),
        (Some(start), None) => (start, record.time?),
        (None, None) => return None,
    };
    (start <= end).then_some((start, end))
}

/// Finds the parents, and adds those that have no lines.
fn connect(spans: &mut Vec<Span>, known: &mut HashMap<String, usize>) {
    for child in 0..spans.len() {
        let Some(id) = spans.get(child).and_then(|span| span.parent_id.clone()) else {
            continue;
        };
        let parent = *known.entry(id).or_insert_with_key(|id| {
            spans.push(Span {
                timing: Timing::Missing,
                ..Span::new(id)
            });
            spans.len() - 1
        });
        if let Some(span) = spans.get_mut(child) {
            span.parent = Some(parent);
        }
    }
}
