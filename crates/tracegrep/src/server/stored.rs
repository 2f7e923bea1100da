//! Lines of servers that store the text of a line and fields beside it.

use crate::{record::Reader, search::Entry, time_text};
use log_files::{Wrapping, parse_time};
use serde_json::{Map, Number, Value};

/// Under these names servers store the service.
const SERVICES: [&str; 3] = ["service_name", "service.name", "service"];

/// What Loki writes if a stream has no service.
const NO_SERVICE: &str = "unknown_service";

/// A longer number may be an id.
const MAX_DIGITS: usize = 15;

/// Under these names servers store a trace id beside the text.
pub(super) const TRACE_IDS: [&str; 7] = [
    "trace_id",
    "traceid",
    "traceId",
    "traceID",
    "TraceId",
    "dd_trace_id",
    "traceparent",
];

/// Returns a stored line. Its text can be the whole line, as in a file. Otherwise it is only the message, as with OpenTelemetry's protocol, and
/// the line is an object that has the fields too.
pub(super) fn entry(
    ids: &[&str],
    text: &str,
    time: Option<i64>,
    mut fields: Map<String, Value>,
) -> Entry {
    let service = || {
        let names = SERVICES.iter();
        let mut found = names.filter_map(|name| fields.get(*name)?.as_str());
        found
            .find(|service| !service.is_empty() && *service != NO_SERVICE)
            .map(str::to_owned)
    };
    let has_id = ids.iter().any(|id| text.contains(id));
    if has_id && is_whole(text, &fields) {
        return whole_line(text, time, service());
    }
    let mut line = Map::new();
    // The time that the logger wrote can have more digits than the one under which the line is stored.
    if let Some(time) = time.filter(|_| !fields.contains_key("timestamp")) {
        line.insert("timestamp".to_owned(), time_text::rfc3339(time, 9).into());
    }
    if !text.is_empty() {
        line.insert("message".to_owned(), text.into());
    }
    fields.retain(|name, _| !line.contains_key(name));
    line.extend(fields.into_iter().map(|(name, value)| (name, typed(value))));
    Entry {
        text: Value::Object(line).to_string().into_bytes(),
        time,
        service: None,
    }
}

/// Returns a line that a server has stored as it was in its file. If an agent has not removed what a container runtime adds to a line, it is
/// removed here, as from the lines of files.
pub(super) fn whole_line(text: &str, time: Option<i64>, service: Option<String>) -> Entry {
    let bytes = text.as_bytes();
    let part = Wrapping::detect(bytes).and_then(|wrapping| wrapping.part(bytes));
    match part.filter(|part| !part.is_partial) {
        Some(part) => Entry {
            text: part.text.to_vec(),
            time: parse_time(part.time).map(|time| time.nanos).or(time),
            service,
        },
        None => Entry {
            text: bytes.to_vec(),
            time,
            service,
        },
    }
}

/// Whether a text is all that the logger wrote. A message that mentions an id is not.
fn is_whole(text: &str, fields: &Map<String, Value>) -> bool {
    let has_ids = TRACE_IDS.iter().any(|name| fields.contains_key(*name));
    !has_ids || {
        let record = Reader::new().read(text.as_bytes());
        record.time.is_some() || record.trace_id.is_some()
    }
}

/// Servers store numbers and booleans as text.
fn typed(value: Value) -> Value {
    let Value::String(text) = &value else {
        return value;
    };
    match &**text {
        "true" => return true.into(),
        "false" => return false.into(),
        _ => {}
    }
    // Only a text that is written as JSON writes the number: `007` is none.
    let number = (text.len() <= MAX_DIGITS).then(|| text.parse::<Number>().ok());
    let number = number
        .flatten()
        .filter(|number| number.to_string() == *text);
    number.map_or(value, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn fields(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn a_text_with_the_id_is_the_line_and_keeps_each_of_its_bytes() {
        let text = format!("INFO  trace_id={ID} order  placed");
        let labels = fields(json!({"service_name": "orders", "pod": "orders-1"}));
        let entry = entry(&[ID], &text, Some(1), labels);
        assert_eq!(entry.text, text.as_bytes());
        assert_eq!(entry.service.as_deref(), Some("orders"));
        assert_eq!(entry.time, Some(1));
    }

    #[test]
    fn a_message_that_mentions_the_id_of_another_trace_is_not_the_whole_line() {
        let metadata = fields(json!({"trace_id": "11111111111111111111111111111111"}));
        let entry = entry(&[ID], &format!("follows {ID}"), None, metadata);
        let line: Value = serde_json::from_slice(&entry.text).expect("an object");
        assert_eq!(line["trace_id"], "11111111111111111111111111111111");
    }

    #[test]
    fn a_text_without_the_id_is_the_message_of_a_line_that_has_the_fields_too() {
        let metadata = fields(json!({
            "trace_id": ID,
            "span_id": "1234567890123456",
            "order": "1017",
            "ok": "true",
            "code": "007",
            "ratio": "0.5",
            "message": "not this",
        }));
        let entry = entry(&[ID], "order placed", Some(1_500_000_000), metadata);
        let line: Value = serde_json::from_slice(&entry.text).expect("an object");
        let expected = json!({
            "timestamp": "1970-01-01T00:00:01.500000000Z",
            "message": "order placed",
            "trace_id": ID,
            "span_id": "1234567890123456",
            "order": 1017,
            "ok": true,
            "code": "007",
            "ratio": 0.5,
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn what_a_container_runtime_has_added_to_a_line_is_removed() {
        let json = format!(r#"{{"message":"placed","trace_id":"{ID}"}}"#);
        let cri = format!("2001-09-09T01:46:41.500000001Z stdout F {json}");
        let docker = json!({"log": format!("{json}\n"), "stream": "stdout", "time": "2001-09-09T01:46:41.500000001Z"});
        for text in [cri, docker.to_string()] {
            let entry = entry(&[ID], &text, Some(1), Map::new());
            assert_eq!(String::from_utf8_lossy(&entry.text), json);
            assert_eq!(entry.time, Some(1_000_000_001_500_000_001));
        }
        let partial = format!("2001-09-09T01:46:41.5Z stdout P {ID}");
        let entry = entry(&[ID], &partial, Some(1), Map::new());
        assert_eq!(entry.text, partial.as_bytes());
    }

    #[test]
    fn an_unknown_service_is_no_service() {
        let labels = fields(json!({"service_name": "unknown_service"}));
        assert_eq!(entry(&[ID], ID, None, labels).service, None);
    }
}
