//! What an access log says about a request in separate fields.

use crate::{record::Record, time_text};
use serde_json::Value;
use std::borrow::Cow;

const METHODS: [&str; 4] = [
    "request_method",
    "method",
    "http.request.method",
    "http.method",
];
const TARGETS: [&str; 7] = [
    "request_uri",
    "uri",
    "path",
    "url",
    "url.path",
    "http.target",
    "http.url",
];
/// The first line of the request, with method and target.
const REQUEST_LINE: [&str; 1] = ["request"];
const STATUSES: [&str; 4] = [
    "status",
    "status_code",
    "http.response.status_code",
    "http.status_code",
];

/// A request in the words of a message.
pub(super) struct Request<'r> {
    pub(super) text: String,
    /// The fields that the text has.
    fields: Vec<&'r str>,
}

impl<'r> Request<'r> {
    /// Returns `None` if no field is the target of a request.
    pub(super) fn of(record: &'r Record) -> Option<Self> {
        let (line, target) = (field(record, &REQUEST_LINE), field(record, &TARGETS));
        let (first, second) = match (line, target) {
            (Some(line), _) => (None, line),
            (None, target) => (field(record, &METHODS), target?),
        };
        let parts = [first, Some(second), field(record, &STATUSES)];
        let parts = parts.into_iter().flatten();
        let (fields, mut words): (Vec<_>, Vec<_>) = parts.unzip();
        words.extend(
            record
                .duration
                .map(|duration| time_text::short(duration).into()),
        );
        Some(Self {
            text: words.join(" "),
            fields,
        })
    }

    /// Whether the text has this field.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.contains(&name)
    }
}

/// The first of these fields that has a text or a number.
fn field<'r>(record: &'r Record, names: &[&str]) -> Option<(&'r str, Cow<'r, str>)> {
    names.iter().find_map(|wanted| {
        let mut fields = record.fields.iter();
        let (name, value) = fields.find(|(name, _)| name == wanted)?;
        let text: Cow<'_, str> = match value {
            Value::String(text) if !text.is_empty() => text.into(),
            Value::Number(number) => number.to_string().into(),
            _ => return None,
        };
        Some((name.as_str(), text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Reader;

    fn text(line: &str) -> Option<String> {
        let record = Reader::new().read(line.as_bytes());
        Request::of(&record).map(|request| request.text)
    }

    #[test]
    fn a_request_is_written_as_method_target_status_and_duration() {
        for (line, expected) in [
            (
                r#"{"request_method":"GET","uri":"/checkout","status":502,"request_time":0.012}"#,
                Some("GET /checkout 502 12.0ms"),
            ),
            (
                r#"{"request":"GET / HTTP/1.1","status":"200"}"#,
                Some("GET / HTTP/1.1 200"),
            ),
            (r#"{"path":"/"}"#, Some("/")),
            (r#"{"method":"GET","status":200}"#, None),
        ] {
            assert_eq!(text(line).as_deref(), expected, "{line}");
        }
    }
}
