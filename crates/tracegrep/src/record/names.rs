//! The names that loggers give to the parts of a line.
//!
//! Names are as [`key_of`](super::members::key_of) writes them: in lower case and without `_` and `-`.

use super::{durations, ids::Digits, level::Scale};
use std::{collections::HashMap, sync::LazyLock};

/// What a value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Meaning {
    Time,
    Level,
    Message,
    Service,
    TraceId,
    SpanId,
    ParentSpanId,
    /// Both ids, as `traceparent`.
    Traceparent,
    SpanName,
    /// The names of the spans around the event.
    SpanPath,
    /// When the span began.
    SpanStart,
    Duration,
    /// The message or the stack trace of an error.
    ErrorText,
    ErrorKind,
    ErrorStack,
    ErrorCauses,
}

/// The names with each meaning. If a line has several, the first one counts whose value makes sense.
const NAMES: &[(Meaning, &[&str])] = &[
    (
        Meaning::Time,
        &[
            "@timestamp",
            "timestamp",
            "time",
            "ts",
            "@t",
            "asctime",
            "datetime",
            "eventtime",
            "time.timestamp",
            "timeunixnano",
            "observedtimestamp",
            "t",
            "date",
            // Python's `logging`
            "created",
            // journald
            "realtimetimestamp",
        ],
    ),
    (
        Meaning::Level,
        &[
            "level",
            "log.level",
            "severity",
            "levelname",
            "severitytext",
            "loglevel",
            "lvl",
            "@l",
            "level.name",
            "priority",
            "severitynumber",
            "levelvalue",
            "levelno",
            "level.no",
            // Datadog
            "status",
        ],
    ),
    (
        Meaning::Message,
        &[
            "message",
            "msg",
            "@m",
            "@message",
            "shortmessage",
            // Serilog
            "renderedmessage",
            "event",
            "body",
            "body.stringvalue",
            // loguru, whose `text` is the formatted line
            "record.message",
            "textpayload",
            "text",
            "@mt",
            "messagetemplate",
            "log",
        ],
    ),
    (
        Meaning::Service,
        &[
            "service.name",
            "service",
            "servicename",
            "dd.service",
            "otelservicename",
            "resource.service.name",
            "servicecontext.service",
            "span.service.name",
            "span.service",
            "appname",
            "applicationname",
            "application",
            "app",
            "syslogidentifier",
        ],
    ),
    (
        Meaning::TraceId,
        &[
            "traceid",
            "trace.id",
            "dd.traceid",
            "oteltraceid",
            "opentelemetry.traceid",
            "logging.googleapis.com/trace",
            "span.traceid",
            "@tr",
            "xb3traceid",
            "trace",
            "xraytraceid",
            "logging.googleapis.com/labels.traceid",
        ],
    ),
    (
        Meaning::SpanId,
        &[
            "spanid",
            "span.id",
            "dd.spanid",
            "otelspanid",
            "opentelemetry.spanid",
            "logging.googleapis.com/spanid",
            "span.spanid",
            "@sp",
            "xb3spanid",
            "logging.googleapis.com/labels.spanid",
            // ECS: a line of a transaction that is within no other span.
            "transaction.id",
        ],
    ),
    (
        Meaning::ParentSpanId,
        &[
            "parentspanid",
            "parent.id",
            "span.parentspanid",
            "span.parentid",
            "parentid",
            "dd.parentid",
            "xb3parentspanid",
        ],
    ),
    (
        Meaning::Traceparent,
        &[
            "traceparent",
            "httptraceparent",
            // AWS X-Ray
            "xamzntraceid",
            "amzntraceid",
            // pino-http
            "req.headers.traceparent",
        ],
    ),
    (
        Meaning::SpanName,
        &["spanname", "span.name", "transaction.name"],
    ),
    (Meaning::SpanPath, &["spans"]),
    (Meaning::SpanStart, &["starttime", "event.start"]),
    // The names of durations are those of `durations`.
    (
        Meaning::Duration,
        &["event.duration", durations::OF_REQUEST],
    ),
    (
        Meaning::ErrorText,
        &[
            "error.message",
            "err.message",
            "exception.message",
            "exception.exceptionmessage",
            "thrown.message",
            "error.msg",
            "err.msg",
            "exception.value",
            "error",
            "err",
            "exception",
            "exc",
            "@x",
            "errormessage",
            "errmsg",
        ],
    ),
    (
        Meaning::ErrorKind,
        &[
            "error.type",
            "error.kind",
            "error.name",
            "err.type",
            "err.name",
            "exception.type",
            "exception.exceptionclass",
            "exception.class",
            "thrown.name",
            "errortype",
        ],
    ),
    (
        Meaning::ErrorStack,
        &[
            "error.stacktrace",
            "error.stack",
            "err.stack",
            "err.stacktrace",
            "exception.stacktrace",
            "exception.traceback",
            "stacktrace",
            "stack",
            "excinfo",
            "exctext",
            "errorverbose",
            "traceback",
        ],
    ),
    (
        Meaning::ErrorCauses,
        &["error.sources", "errorsources", "error.causes"],
    ),
];

/// Objects in which loggers put the fields of an event, with any of the names above.
const EVENTS: [&str; 7] = [
    "fields",
    "field",
    "kvs",
    "attributes",
    "jsonpayload",
    "record",
    "extra",
];
/// Objects in which loggers put the context of an event: the service and the ids.
const CONTEXTS: [&str; 10] = [
    "mdc",
    "contextmap",
    "diags",
    "context",
    "ctx",
    "labels",
    "properties",
    "resource",
    "data",
    "meta",
];
/// Added to the place of a name within such an object: names at the root count first.
const NESTED: usize = 100;
/// The place of an id within any other object.
const ANYWHERE: usize = 1_000;

/// The service, if nothing else names it: what Kubernetes knows of the container.
const CONTAINERS: [&str; 3] = [
    "kubernetes.labels.app.kubernetes.io/name",
    "kubernetes.labels.app",
    "kubernetes.containername",
];
/// The place of the first of these.
const LAST: usize = 2_000;

/// Longer keys have no meaning. It bounds how deep a key is searched.
const MAX_BYTES: usize = 256;

/// A meaning, and the place of its name among those with the same meaning.
static MEANINGS: LazyLock<HashMap<&str, (Meaning, usize)>> = LazyLock::new(|| {
    let names = NAMES.iter().flat_map(|(meaning, names)| {
        let places = names.iter().enumerate();
        places.map(|(place, name)| (*name, (*meaning, place)))
    });
    names.collect()
});

/// Returns what a key means, and its place among the keys with that meaning. The first one counts most.
pub(super) fn meaning(key: &str) -> Option<(Meaning, usize)> {
    if key.len() > MAX_BYTES {
        return None;
    }
    if let Some(found) = MEANINGS.get(key) {
        return Some(*found);
    }
    if durations::unit_of_name(key).is_some() {
        // After the names that the table has.
        return Some((Meaning::Duration, 2));
    }
    if let Some(at) = CONTAINERS.iter().position(|name| *name == key) {
        return Some((Meaning::Service, LAST + at));
    }
    let (outer, inner) = key.split_once('.')?;
    let nested = || meaning(inner).map(|(meaning, place)| (meaning, place + NESTED));
    let is_context = |meaning| {
        use Meaning::{ParentSpanId, Service, SpanId, TraceId, Traceparent};
        matches!(
            meaning,
            Service | TraceId | SpanId | ParentSpanId | Traceparent
        )
    };
    if EVENTS.contains(&outer) {
        return nested();
    }
    if CONTEXTS.contains(&outer)
        && let Some(found) = nested().filter(|(meaning, _)| is_context(*meaning))
    {
        return Some(found);
    }
    match key.rsplit_once('.')?.1 {
        "traceid" => Some((Meaning::TraceId, ANYWHERE)),
        "spanid" => Some((Meaning::SpanId, ANYWHERE)),
        _ => None,
    }
}

/// Returns what the numbers of a key with a level mean.
pub(super) fn scale(key: &str) -> Scale {
    match key.rsplit('.').next() {
        Some("severitynumber") => Scale::OpenTelemetry,
        Some("levelvalue") => Scale::Java,
        Some("levelno" | "no") => Scale::Python,
        Some("status") => Scale::Names,
        _ => Scale::Logger,
    }
}

/// Returns how the digits of a key with an id are read.
pub(super) fn digits(key: &str) -> Digits {
    match key.starts_with("dd.") || key.contains(".dd.") {
        true => Digits::Datadog,
        false => Digits::IfLong,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::members::key_of, *};

    #[test]
    fn all_names_are_keys_and_have_one_meaning() {
        let names: Vec<_> = NAMES.iter().flat_map(|(_, names)| *names).collect();
        assert_eq!(MEANINGS.len(), names.len());
        for name in names {
            assert_eq!(key_of(name), **name);
        }
    }

    #[test]
    fn names_at_the_root_count_before_nested_ones() {
        let place = |key| meaning(key).map(|(_, place)| place);
        assert!(place("message") < place("msg"));
        assert!(place("msg") < place("fields.message"));
        assert!(place("mdc.traceid") < place("response.headers.traceid"));
        assert!(place("mdc.service") < place("kubernetes.labels.app"));
        assert!(place("kubernetes.labels.app") < place("kubernetes.containername"));
    }

    #[test]
    fn only_ids_and_services_count_in_a_context() {
        assert_eq!(
            meaning("mdc.traceid").map(|found| found.0),
            Some(Meaning::TraceId)
        );
        assert_eq!(
            meaning("record.extra.spanid").map(|found| found.0),
            Some(Meaning::SpanId)
        );
        assert_eq!(meaning("data.level"), None);
        assert_eq!(meaning("requestid"), None);
    }
}
