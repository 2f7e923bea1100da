//! Which spans there are, and how they are connected.

use super::{
    containment, cycles,
    precision::precision,
    span::{Evidence, Span, Timing},
    span_lists,
};
use crate::{
    record::{Moment, Record},
    trace::{Line, StatedSpan},
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

pub(super) fn build(lines: &[Line], stated: &[StatedSpan]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(id) = span_id(line) else {
            continue;
        };
        if let Some(span) = entry(&mut spans, &mut known, id) {
            span.lines.push(index);
            add(span, &line.record);
        }
    }
    for stated in stated {
        if let Some(span) = entry(&mut spans, &mut known, &stated.id) {
            complete(span, stated);
        }
    }
    forget_outgoing(&mut spans, &known);
    span_lists::name_parents(&mut spans);
    connect(&mut spans, &mut known);
    cycles::cut(&mut spans);
    containment::find_parents(&mut spans);
    for child in 0..spans.len() {
        let parent = spans.get(child).and_then(|span| span.parent);
        if let Some(parent) = parent.and_then(|parent| spans.get_mut(parent)) {
            parent.children.push(child);
        }
    }
    spans
}

/// Returns the span with an id, which is a new one if there is none.
fn entry<'s>(
    spans: &'s mut Vec<Span>,
    known: &mut HashMap<String, usize>,
    id: &str,
) -> Option<&'s mut Span> {
    let at = *known.entry(id.to_owned()).or_insert_with(|| {
        spans.push(Span::new(id));
        spans.len() - 1
    });
    spans.get_mut(at)
}

/// Adds what a line says about its span.
fn add(span: &mut Span, record: &Record) {
    fill(&mut span.name, record.span_name.as_ref());
    fill(&mut span.service, record.service.as_ref());
    span.has_error |= record.is_error();
    add_parent(span, record);
    add_path(span, record);
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

/// Adds what a line says about the parent of its span. The closing line counts most, and a `traceparent` least.
fn add_parent(span: &mut Span, record: &Record) {
    let named = match record.moment {
        Some(Moment::Close) => Evidence::ClosingLine,
        _ => Evidence::ParentId,
    };
    let found = [
        (&record.parent_span_id, named),
        (&record.caller_span_id, Evidence::Traceparent),
    ];
    for (parent, evidence) in found {
        if let Some(parent) = parent
            && *parent != span.id
            && evidence.strength() > span.evidence.strength()
        {
            span.parent_id = Some(parent.clone());
            span.evidence = evidence;
        }
    }
}

/// Adds what a tracing backend has of a span. Times and the parent on a closing line are as exact, and have more digits.
fn complete(span: &mut Span, stated: &StatedSpan) {
    span.name = Some(stated.name.clone());
    if stated.service.is_some() {
        span.service.clone_from(&stated.service);
    }
    span.has_error |= stated.has_error;
    span.is_unclosed = false;
    if span.evidence != Evidence::ClosingLine {
        span.parent_id.clone_from(&stated.parent_id);
        span.evidence = Evidence::Backend;
    }
    if span.timing != Timing::Exact {
        (span.start, span.end) = (Some(stated.start), Some(stated.end));
        span.timing = Timing::Backend;
    }
    for field in &stated.fields {
        if span.fields.iter().all(|(name, _)| *name != field.0) {
            span.fields.push(field.clone());
        }
    }
}

/// Adds the names of the spans around the event. The shortest list is that of the span itself: the others are of spans in it that have no id.
fn add_path(span: &mut Span, record: &Record) {
    let own = record.span_name.as_ref();
    let end = record.span_path.iter().rposition(|name| Some(name) == own);
    let path = end.and_then(|end| record.span_path.get(..=end));
    if let Some(path) = path
        && (span.path.is_empty() || path.len() < span.path.len())
    {
        span.path = path.to_vec();
        span.name = path.last().cloned();
    }
    if let Some(time) = record.time {
        let precision = precision(time);
        span.precision = Some(
            span.precision
                .map_or(precision, |known| known.min(precision)),
        );
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

/// Forgets callers of the same service: a `traceparent` that goes out names a span of the service that sends it.
fn forget_outgoing(spans: &mut [Span], known: &HashMap<String, usize>) {
    for index in 0..spans.len() {
        let Some(span) = spans.get(index) else {
            continue;
        };
        let caller = span.parent_id.as_ref().and_then(|id| known.get(id));
        let caller = caller.and_then(|caller| spans.get(*caller));
        let is_own = caller.is_some_and(|it| it.service.is_some() && it.service == span.service);
        if is_own
            && span.evidence == Evidence::Traceparent
            && let Some(span) = spans.get_mut(index)
        {
            span.parent_id = None;
            span.evidence = Evidence::Unknown;
        }
    }
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
