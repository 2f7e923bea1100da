//! What all exports have of a tree.

use super::kind::Kind;
use crate::{
    record::Record,
    trace::Line,
    tree::{Span, Timing, Tree},
};
use serde_json::Value;

/// As OpenTelemetry names a service that has no name.
const NO_SERVICE: &str = "unknown_service";

/// Fields that are written as a property of the span instead.
const PROPERTIES: [&str; 2] = ["otel.name", "otel.status_code"];

pub(super) type Attributes = Vec<(String, Value)>;

/// A span with known times.
pub(super) struct Exported<'t> {
    pub(super) span: &'t Span,
    pub(super) name: String,
    pub(super) service: &'t str,
    pub(super) kind: Option<Kind>,
    /// By its own clock, in nanoseconds since 1970.
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) attributes: Attributes,
    pub(super) events: Vec<Event>,
}

/// A line of a log.
pub(super) struct Event {
    pub(super) time: i64,
    pub(super) name: String,
    pub(super) attributes: Attributes,
}

/// Returns the spans of a tree, each before those below it.
pub(super) fn spans<'t>(tree: &'t Tree<'_>) -> Vec<Exported<'t>> {
    let spans = tree.visible().into_iter();
    spans.filter_map(|span| exported(tree, span)).collect()
}

/// Returns the services of spans, each once, in the order of their first spans.
pub(super) fn services<'t>(spans: &[Exported<'t>]) -> Vec<&'t str> {
    let mut services = Vec::new();
    for span in spans {
        if !services.contains(&span.service) {
            services.push(span.service);
        }
    }
    services
}

fn exported<'t>(tree: &'t Tree<'_>, span: &'t Span) -> Option<Exported<'t>> {
    let (start, end) = span.start().zip(span.end())?;
    let mut events = Vec::new();
    let mut time = start;
    for line in tree.lines_of(span) {
        time = line.record().time.unwrap_or(time);
        events.extend(event(line, time, span.service()));
    }
    Some(Exported {
        name: match span.name() {
            Some(name) => name.to_owned(),
            None => format!("span {}", span.id()),
        },
        service: span.service().unwrap_or(NO_SERVICE),
        kind: Kind::of(span.fields()),
        start,
        end: end.max(start),
        attributes: attributes(span),
        events,
        span,
    })
}

fn attributes(span: &Span) -> Attributes {
    let fields = span.fields().iter();
    let fields =
        fields.filter(|(name, _)| !Kind::is_its_field(name) && !PROPERTIES.contains(&&**name));
    let mut attributes: Attributes = fields.cloned().collect();
    if !matches!(span.timing(), Timing::Exact | Timing::Backend) {
        let timing = span.timing().name();
        attributes.push(("tracegrep.timing".to_owned(), timing.into()));
    }
    if let Some(evidence) = span
        .evidence()
        .name()
        .filter(|_| span.evidence().is_inferred())
    {
        attributes.push(("tracegrep.parent".to_owned(), evidence.into()));
    }
    if span.is_unclosed() {
        attributes.push(("tracegrep.unclosed".to_owned(), true.into()));
    }
    attributes
}

/// Returns the event of a line. A line that only says that its span began or ended is none.
pub(super) fn event(line: &Line, time: i64, service: Option<&str>) -> Option<Event> {
    let record = line.record();
    if record.moment.is_some() {
        return None;
    }
    let mut attributes = Attributes::new();
    let mut put = |name: &str, value: Option<Value>| {
        attributes.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("level", record.level.map(|level| level.name().into()));
    let own_service = record
        .service
        .as_deref()
        .filter(|own| Some(*own) != service);
    put("service.name", own_service.map(Value::from));
    // OpenTelemetry's names for an error.
    let error = record.error.as_ref();
    put(
        "exception.type",
        error.and_then(|error| error.kind.clone()).map(Value::from),
    );
    put(
        "exception.message",
        error
            .and_then(|error| error.message.clone())
            .map(Value::from),
    );
    put(
        "exception.stacktrace",
        error.and_then(|error| error.stack.clone()).map(Value::from),
    );
    attributes.extend(record.fields.iter().cloned());
    Some(Event {
        time,
        name: name(line, record),
        attributes,
    })
}

fn name(line: &Line, record: &Record) -> String {
    match &record.message {
        Some(message) => message.clone(),
        None => String::from_utf8_lossy(&line.text()).into_owned(),
    }
}
