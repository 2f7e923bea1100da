use super::{error_details::ErrorDetails, level::Level};
use serde_json::Value;
use std::time::Duration;

/// A line of a log, as far as it is understood. What is not understood is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The time, in nanoseconds since 1970 (UTC).
    pub time: Option<i64>,
    /// The level.
    pub level: Option<Level>,
    /// The message. A template has its arguments filled in.
    pub message: Option<String>,
    /// The name of the service.
    pub service: Option<String>,
    /// The trace id in the form that OpenTelemetry gives to it: 32 hexadecimal digits in lower case. Datadog's shorter ids have zeros before
    /// them.
    pub trace_id: Option<String>,
    /// The span id: 16 hexadecimal digits in lower case.
    pub span_id: Option<String>,
    /// The id of the parent span.
    pub parent_span_id: Option<String>,
    /// The name of the span with this id.
    pub span_name: Option<String>,
    /// The id of the caller's span, which the `traceparent` on an access line names. Lines about requests that a service sends can have one
    /// too, so it is the parent only if nothing else contradicts it.
    pub caller_span_id: Option<String>,
    /// The names of the spans around the event, the outermost first, if the logger writes such a list.
    pub span_path: Vec<String>,
    /// The error that the line reports.
    pub error: Option<ErrorDetails>,
    /// The duration that the line reports, such as that of a request. On a closing line, it is the duration of the span.
    pub duration: Option<Duration>,
    /// What the line says about the life of its span. `None` for an event.
    pub moment: Option<Moment>,
    /// The times of the span, on a closing line, and on an access line with OpenTelemetry's `http.server.request.duration`.
    pub span_times: Option<SpanTimes>,
    /// All other fields, in their order. The names of nested fields are joined by dots, and lists stay as they are.
    pub fields: Vec<(String, Value)>,
}

/// A moment in the life of a span, for which some loggers write a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The span was created.
    New,
    /// The span was entered.
    Enter,
    /// The span was exited.
    Exit,
    /// The span was closed.
    Close,
}

/// The times of a span, from its closing line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanTimes {
    /// When the span began, in nanoseconds since 1970, if the line says so.
    pub start: Option<i64>,
    /// How long the span was, if the line says so.
    pub duration: Option<Duration>,
}

impl Record {
    /// Whether the line reports an error.
    pub(crate) fn is_error(&self) -> bool {
        self.level >= Some(Level::Error) || (self.level.is_none() && self.error.is_some())
    }
}

impl Moment {
    /// The moment that the `fmt` layer of `tracing-subscriber` and tracing-stamp name in the message.
    pub(super) fn of_message(message: &str) -> Option<Self> {
        Some(match message {
            "new" => Self::New,
            "enter" => Self::Enter,
            "exit" => Self::Exit,
            "close" => Self::Close,
            _ => return None,
        })
    }
}
