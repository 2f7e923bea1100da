//! Documents that Filebeat, Elastic Agent and others of that family have made of lines.

use super::stored::whole_line;
use crate::{record::Reader, search::Entry};
use log_files::parse_time;
use serde_json::{Map, Value};

/// Where a document has the text of a line. Processors that parse it keep it in `event.original`.
const TEXTS: [&str; 2] = ["event.original", "message"];

/// Where a document has the id of a trace beside the text, if a processor has parsed it.
const TRACE_IDS: [&str; 3] = ["trace.id", "trace_id", "traceId"];

/// Returns the line of a document, so that it is as it is in its file. Without the id in the text, or without the agent and the file in the
/// document, there is none: the document itself is then the line.
pub(super) fn line(ids: &[&str], document: &str) -> Option<Entry> {
    // Other documents are not parsed.
    if !document.contains("agent") || !document.contains("log") {
        return None;
    }
    let document: Map<String, Value> = serde_json::from_str(document).ok()?;
    let has_file = ["log.file", "log.file.path"]
        .iter()
        .any(|name| member(&document, name).is_some());
    let has_agent = ["agent", "agent.type", "agent.name"]
        .iter()
        .any(|name| member(&document, name).is_some());
    if !(has_file && has_agent) {
        return None;
    }
    let mut texts = TEXTS.iter().filter_map(|name| text(&document, name));
    let text_of_line = texts.find(|text| ids.iter().any(|id| text.contains(id)))?;
    // A message that mentions an id is not all that the logger wrote.
    if TRACE_IDS.iter().any(|name| text(&document, name).is_some()) {
        let record = Reader::new().read(text_of_line.as_bytes());
        if record.time.is_none() && record.trace_id.is_none() {
            return None;
        }
    }
    let time = text(&document, "@timestamp").and_then(|time| parse_time(time.as_bytes()));
    let service = text(&document, "service.name").map(str::to_owned);
    Some(whole_line(
        text_of_line,
        time.map(|time| time.nanos),
        service,
    ))
}

fn text<'d>(document: &'d Map<String, Value>, name: &str) -> Option<&'d str> {
    member(document, name)?
        .as_str()
        .filter(|text| !text.is_empty())
}

/// A member with this name, or within objects that the parts of the name name.
fn member<'d>(document: &'d Map<String, Value>, name: &str) -> Option<&'d Value> {
    if let Some(value) = document.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    member(document.get(first)?.as_object()?, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn document(members: Value) -> String {
        let mut document = json!({
            "@timestamp": "2001-09-09T01:46:41.5Z",
            "agent": {"type": "filebeat", "version": "8.15.0"},
            "log": {"offset": 0, "file": {"path": "/var/log/orders.log"}},
            "ecs": {"version": "8.0.0"},
            "input": {"type": "filestream"},
            "host": {"name": "orders-1"},
        });
        let object = document.as_object_mut().expect("an object");
        object.extend(members.as_object().expect("an object").clone());
        document.to_string()
    }

    fn line_of(members: Value) -> Option<String> {
        let entry = line(&[ID], &document(members))?;
        Some(String::from_utf8(entry.text).expect("UTF-8"))
    }

    #[test]
    fn the_message_is_the_line_with_each_of_its_bytes() {
        let json = format!(r#"{{ "message":"placed", "trace_id":"{ID}", "f":1.50}}"#);
        assert_eq!(line_of(json!({"message": json})), Some(json.clone()));
        let members = json!({
            "message": "placed",
            "event": {"original": json},
            "trace": {"id": ID},
        });
        assert_eq!(line_of(members), Some(json.clone()));
        let members = json!({"message": json, "service": {"name": "orders"}});
        let entry = line(&[ID], &document(members)).expect("a line");
        assert_eq!(entry.service.as_deref(), Some("orders"));
        assert_eq!(entry.time, Some(1_000_000_001_500_000_000));
        let cri = format!("2001-09-09T01:46:42Z stdout F {json}");
        assert_eq!(line_of(json!({"message": cri})), Some(json));
    }

    #[test]
    fn a_document_with_the_id_beside_the_message_is_the_line_itself() {
        assert_eq!(line_of(json!({"message": "placed", "trace.id": ID})), None);
        let other = "11111111111111111111111111111111";
        let members = json!({"message": format!("follows {ID}"), "trace": {"id": other}});
        assert_eq!(line_of(members), None);
        let logger = json!({"message": ID, "agent": "x", "log.level": "info"}).to_string();
        assert!(line(&[ID], &logger).is_none());
    }
}
