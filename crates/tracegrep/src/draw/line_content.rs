//! What a row says about a line, besides its time, its level and its service.

use super::{logger_fields::is_of_the_logger, request::Request};
use crate::{record::ErrorDetails, trace::Line, tree::Span};
use serde_json::Value;
use std::{borrow::Cow, time::Duration};

pub(crate) struct LineContent<'l> {
    /// The message. If there is none, the request of an access line, or the line itself if nothing of it was understood.
    pub(crate) text: Cow<'l, str>,
    /// What the error says besides the text, with a space at the front, or an empty text.
    pub(crate) error: String,
    pub(crate) fields: Vec<&'l (String, Value)>,
    /// The duration, unless the text has it.
    pub(crate) duration: Option<Duration>,
}

impl<'l> LineContent<'l> {
    /// Fields of the span are left out, because the row of the span shows them, and so are fields about the logger. If `is_whole` is true,
    /// they are kept.
    pub(crate) fn of(line: &'l Line, span: Option<&Span>, is_whole: bool) -> Self {
        let record = &line.record;
        let of_span = span.map(Span::fields).unwrap_or_default();
        let request = match record.message {
            Some(_) => None,
            None => Request::of(record),
        };
        let mut fields: Vec<_> = record.fields.iter().collect();
        fields.retain(|field| {
            let (name, value) = field;
            let is_about_request = !is_of_the_logger(name, value, record.service.as_deref());
            let is_in_text = request.as_ref().is_some_and(|request| request.has(name));
            !is_in_text && (is_whole || (is_about_request && !of_span.contains(field)))
        });
        let duration = record.duration.filter(|_| request.is_none());
        let text = match (&record.message, request) {
            (Some(message), _) => message.into(),
            (None, Some(request)) => request.text.into(),
            (None, None) => {
                let text = line.text();
                // Fields say all that an object says.
                if fields.is_empty() || !text.starts_with(b"{") {
                    fields.clear();
                    String::from_utf8_lossy(&text).into_owned().into()
                } else {
                    Cow::Borrowed("")
                }
            }
        };
        let error = record.error.as_ref();
        Self {
            text,
            error: error.map_or_else(String::new, |error| {
                error_text(error, record.message.as_deref())
            }),
            fields,
            duration,
        }
    }
}

/// The text of a field: strings without quotes, all else as JSON.
pub(crate) fn field_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

/// Lines about the life of a span are not drawn: its row has what they say.
pub(crate) fn is_drawn(line: &Line) -> bool {
    line.record.moment.is_none()
}

fn error_text(error: &ErrorDetails, message: Option<&str>) -> String {
    let mut out = String::new();
    if let Some(kind) = &error.kind {
        out.extend([" ", kind]);
    }
    let text = error.message.as_deref();
    if let Some(text) = text.filter(|text| Some(*text) != message) {
        let before = match error.kind {
            Some(_) => ": ",
            None => " error=",
        };
        out.extend([before, text]);
    }
    for cause in &error.causes {
        out.extend([", caused by: ", cause]);
    }
    out
}
