//! What the script of the page needs, as JSON.
//!
//! It differs from `json()` in that it has the rows in the order in which they are drawn, and only texts: a number of a log may have more
//! digits than a number of JavaScript. Other numbers are nanoseconds since the start of the trace, and counts.

use crate::{
    draw::{
        Facts, LineContent, field_text, is_drawn, is_of_the_logger, passed, service_of_its_own,
        walk,
    },
    printable::printable_line,
    record::ErrorDetails,
    time_text,
    trace::Line,
    tree::{Item, Span, Timing, Tree},
};
use serde_json::{Map, Value};
use std::time::Duration;

/// An object under construction, without the members that have no value.
struct Members(Map<String, Value>);

impl Members {
    fn new() -> Self {
        Self(Map::new())
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    fn put_text<T: AsRef<str>>(&mut self, name: &str, text: Option<T>) {
        if let Some(text) = text {
            self.put(name, safe(text.as_ref()));
        }
    }

    fn put_mark(&mut self, name: &str, is_set: bool) {
        if is_set {
            self.put(name, true);
        }
    }
}

/// Returns the text without invisible characters. A newline is kept.
fn safe(text: &str) -> String {
    let lines = text.split('\n');
    let lines = lines.map(|line| printable_line(line.strip_suffix('\r').unwrap_or(line)));
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn of(tree: &Tree<'_>) -> Value {
    let facts = Facts::of(tree);
    let (start, end) = match &facts.axis {
        Some(axis) => (axis.start, axis.end),
        None => (0, 0),
    };
    let mut rows = Vec::new();
    walk(tree, |step| {
        let row = match step.item {
            Item::Span(index) => tree
                .span(index)
                .map(|span| ("span", span_of(tree, span, start))),
            Item::Line(index) => tree.line(index).filter(|line| is_drawn(line)).map(|line| {
                let around = step.around.and_then(|span| tree.span(span));
                ("line", line_of(line, around, start))
            }),
        };
        if let Some((kind, value)) = row {
            let mut row = Members::new();
            row.put("depth", step.depth);
            row.put(kind, value);
            rows.push(row.0.into());
        }
    });
    let mut data = Members::new();
    data.put("trace_id", tree.trace().id().to_string());
    if facts.axis.is_some() {
        data.put("start", time_text::rfc3339(start, 3));
        data.put("duration", time_text::short(time_text::between(start, end)));
        data.put("length", end.saturating_sub(start));
    }
    data.put("errors", facts.errors);
    data.put("spans", facts.spans);
    data.put("lines", facts.lines);
    let services = facts.services.names().iter();
    data.put(
        "services",
        services.map(|name| safe(name)).collect::<Vec<_>>(),
    );
    let spans = tree.visible();
    let is_incomplete = spans.iter().any(|span| span.timing() == Timing::Missing);
    data.put_mark("is_incomplete", is_incomplete);
    let notes = tree.notes();
    data.put(
        "notes",
        notes.iter().map(|note| safe(note)).collect::<Vec<_>>(),
    );
    data.put("rows", Value::Array(rows));
    data.0.into()
}

fn span_of(tree: &Tree<'_>, span: &Span, start: i64) -> Value {
    let mut members = Members::new();
    members.put_text("span_id", Some(span.id()));
    members.put_text("parent_span_id", span.parent_id());
    members.put_text("parent_evidence", span.evidence().name());
    members.put_text("name", span.name());
    members.put_text("service", span.service());
    members.put_text("timing", Some(span.timing().name()));
    members.put_text("start", span.start().map(rfc3339));
    members.put_text("end", span.end().map(rfc3339));
    if let Some((from, to)) = span.drawn() {
        members.put("from", from.saturating_sub(start));
        members.put("to", to.saturating_sub(start));
        members.put("duration", time_text::short(time_text::between(from, to)));
    }
    if span.shift() != 0 {
        let sign = if span.shift() > 0 { '+' } else { '-' };
        let shift = time_text::short(Duration::from_nanos(span.shift().unsigned_abs()));
        members.put("shift", format!("{sign}{shift}"));
    }
    let fields = span.fields().iter();
    let fields = fields.map(|field| {
        let (name, value) = field;
        (field, !is_of_the_logger(name, value, span.service()))
    });
    members.put("fields", fields_of(fields));
    members.put_mark("has_error", span.has_error());
    members.put_mark("is_unclosed", span.is_unclosed());
    let life = tree.lines_of(span).filter(|line| !is_drawn(line));
    let life: Vec<Value> = life.map(|line| line_of(line, Some(span), start)).collect();
    members.put("life", life);
    members.0.into()
}

/// What is known of a line, and what its row shows.
fn line_of(line: &Line, span: Option<&Span>, start: i64) -> Value {
    let record = line.record();
    let content = LineContent::of(line, span, false);
    let mut members = Members::new();
    if let Some(time) = record.time {
        let drawn = time.saturating_add(span.map_or(0, Span::shift));
        members.put("at", drawn.saturating_sub(start));
        members.put("passed", passed(start, drawn));
        members.put("time", rfc3339(time));
    }
    members.put_text("level", record.level.map(|level| level.name()));
    members.put_text("text", Some(&content.text));
    members.put_text("failure", Some(content.error.trim_start()));
    members.put_text("service", record.service.as_deref());
    members.put_mark("shows_service", service_of_its_own(line, span).is_some());
    members.put_text("span_id", record.span_id.as_deref());
    members.put_text("span_name", record.span_name.as_deref());
    members.put_text("duration", record.duration.map(time_text::short));
    members.put_mark("shows_duration", content.duration.is_some());
    if let Some(error) = &record.error {
        members.put("error", error_of(error));
    }
    let mut shown = content.fields.into_iter().peekable();
    let fields = record.fields.iter().map(|field| {
        (
            field,
            shown.next_if(|next| std::ptr::eq(*next, field)).is_some(),
        )
    });
    members.put("fields", fields_of(fields));
    members.put_mark("is_cut", line.is_cut());
    members.put_mark("is_mention", line.is_mention());
    members.put_text("file", Some(line.source().to_string_lossy()));
    members.put("offset", line.offset().to_string());
    members.put_text("raw", Some(String::from_utf8_lossy(line.raw())));
    let following: Vec<String> = line
        .following()
        .map(|text| safe(&String::from_utf8_lossy(text)))
        .collect();
    members.put("following", following.join("\n"));
    members.0.into()
}

/// Fields as lists of the name, the text of the value, and whether the row shows it.
fn fields_of<'f>(fields: impl Iterator<Item = (&'f (String, Value), bool)>) -> Vec<Value> {
    let fields = fields.map(|((name, value), is_shown)| {
        let (name, value) = (safe(name), safe(&field_text(value)));
        Value::Array(vec![name.into(), value.into(), is_shown.into()])
    });
    fields.collect()
}

fn error_of(error: &ErrorDetails) -> Value {
    let mut members = Members::new();
    members.put_text("type", error.kind.as_deref());
    members.put_text("message", error.message.as_deref());
    let causes = error.causes.iter().map(|cause| safe(cause));
    members.put("causes", causes.collect::<Vec<_>>());
    members.put_text("stack", error.stack.as_deref());
    members.0.into()
}

fn rfc3339(nanos: i64) -> String {
    time_text::rfc3339(nanos, 9)
}
