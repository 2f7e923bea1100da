use super::{
    lanes::Lanes,
    spans::{Attributes, Event, Exported, event, services, spans},
};
use crate::{time_text, tree::Tree};
use serde_json::{Map, Value, json};
use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

/// The process of lines that belong to no span.
const OUTSIDE: usize = 0;

/// Writes the spans in the format of Chrome's traces, which <https://ui.perfetto.dev> opens from a file, with a newline. Each service is a
/// process. Lines are instants on the row of their span. Times are those of the [drawing](crate::Drawing), since its start.
#[must_use]
pub fn perfetto(tree: &Tree<'_>) -> String {
    let origin = tree.extent().map_or(0, |extent| extent.start);
    let spans = spans(tree);
    let services = services(&spans);
    let rows = rows(&spans, &services);
    let mut events = Vec::new();
    for (index, service) in services.iter().enumerate() {
        events.push(name("process_name", index + 1, 0, service));
    }
    let used: BTreeSet<(usize, usize)> = rows.iter().copied().collect();
    for (process, row) in used {
        events.push(name("thread_name", process, row, "spans"));
    }
    for (span, row) in spans.iter().zip(&rows) {
        push_span(span, *row, origin, &mut events);
    }
    push_outside(tree, origin, &mut events);
    let start = time_text::rfc3339(origin, 9);
    let other = json!({"trace_id": tree.trace().id().to_string(), "start": start});
    let object = json!({"traceEvents": events, "displayTimeUnit": "ms", "otherData": other});
    object.to_string() + "\n"
}

/// Returns the process and the row of each span.
fn rows(spans: &[Exported<'_>], services: &[&str]) -> Vec<(usize, usize)> {
    let mut order: Vec<(usize, i64, i64)> = spans
        .iter()
        .enumerate()
        .map(|(index, span)| (index, drawn(span, span.start), drawn(span, span.end)))
        .collect();
    order.sort_by_key(|(_, start, end)| (*start, Reverse(*end)));
    let mut lanes: HashMap<usize, Lanes> = HashMap::new();
    let mut placed: HashMap<&str, (usize, usize)> = HashMap::new();
    let mut rows = vec![(OUTSIDE, 0); spans.len()];
    for (index, start, end) in order {
        let Some(span) = spans.get(index) else {
            continue;
        };
        let process = services.iter().position(|known| *known == span.service);
        let process = process.map_or(OUTSIDE, |index| index + 1);
        let parent = span.span.parent_id().and_then(|parent| placed.get(parent));
        let preferred = parent.filter(|(of, _)| *of == process).map(|(_, row)| *row);
        let row = lanes
            .entry(process)
            .or_default()
            .place(start, end, preferred);
        placed.insert(span.span.id(), (process, row));
        if let Some(place) = rows.get_mut(index) {
            *place = (process, row);
        }
    }
    rows
}

fn push_span(span: &Exported<'_>, row: (usize, usize), origin: i64, events: &mut Vec<Value>) {
    let (start, end) = (drawn(span, span.start), drawn(span, span.end));
    let mut arguments = arguments(&span.attributes);
    arguments.insert("span_id".to_owned(), span.span.id().into());
    if let Some(parent) = span.span.parent_id() {
        arguments.insert("parent_span_id".to_owned(), parent.into());
    }
    if span.span.has_error() {
        arguments.insert("error".to_owned(), true.into());
    }
    events.push(json!({
        "name": span.name,
        "cat": "span",
        "ph": "X",
        "ts": micros(start.saturating_sub(origin)),
        "dur": micros(end.saturating_sub(start)),
        "pid": row.0,
        "tid": row.1,
        "args": arguments,
    }));
    for event in &span.events {
        let time = drawn(span, event.time).saturating_sub(origin);
        events.push(instant(event, time, row));
    }
}

/// Adds the lines that belong to no span. Lines of other traces are left out.
fn push_outside(tree: &Tree<'_>, origin: i64, events: &mut Vec<Value>) {
    let mut time = origin;
    let before = events.len();
    for line in tree.lines_outside().filter(|line| !line.is_mention()) {
        time = line.record().time.unwrap_or(time);
        if let Some(event) = event(line, time, None) {
            events.push(instant(&event, time.saturating_sub(origin), (OUTSIDE, 0)));
        }
    }
    if events.len() > before {
        events.push(name("process_name", OUTSIDE, 0, "lines without a span"));
    }
}

fn instant(event: &Event, time: i64, row: (usize, usize)) -> Value {
    json!({
        "name": event.name,
        "cat": "line",
        "ph": "i",
        "s": "t",
        "ts": micros(time),
        "pid": row.0,
        "tid": row.1,
        "args": arguments(&event.attributes),
    })
}

fn name(kind: &str, process: usize, row: usize, name: &str) -> Value {
    json!({"ph": "M", "name": kind, "pid": process, "tid": row, "args": {"name": name}})
}

fn arguments(attributes: &Attributes) -> Map<String, Value> {
    attributes.iter().cloned().collect()
}

/// A time of a span as it is drawn.
fn drawn(span: &Exported<'_>, time: i64) -> i64 {
    time.saturating_add(span.span.shift())
}

/// Microseconds with decimals.
fn micros(nanos: i64) -> Value {
    match nanos % 1_000 {
        0 => (nanos / 1_000).into(),
        _ => (nanos as f64 / 1e3).into(),
    }
}
