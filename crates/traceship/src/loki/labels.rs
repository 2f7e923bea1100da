//! The labels of a line. There are few, and none of them is an id.

use crate::{batch::Line, error::Error, json_text::unescaped};
use log_files::member;

/// The labels that the application has added.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    fixed: Vec<(String, String)>,
    members: Vec<(String, String)>,
}

const LEVEL: &str = "level";
const SERVICE: &str = "service_name";

/// The name that Loki itself gives to an unknown service.
const UNKNOWN_SERVICE: &str = "unknown_service";

impl Labels {
    pub(super) fn add(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.check(name)?;
        self.fixed.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    pub(super) fn add_member(&mut self, name: &str, member: &str) -> Result<(), Error> {
        self.check(name)?;
        reject_ids(member)?;
        self.members.push((name.to_owned(), member.to_owned()));
        Ok(())
    }

    fn check(&self, name: &str) -> Result<(), Error> {
        let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let is_name =
            name.starts_with(is_first) && name.chars().all(|c| is_first(c) || c.is_ascii_digit());
        if !is_name {
            return Err(Error::invalid_input(format!(
                "{name:?} is not a valid label name: it may have ASCII letters, digits and underscores, and must not begin with a digit"
            )));
        }
        if name.starts_with("__") {
            return Err(Error::invalid_input(format!(
                "the label name {name:?} begins with two underscores, which Loki reserves"
            )));
        }
        if name == LEVEL
            || self
                .fixed
                .iter()
                .chain(&self.members)
                .any(|(known, _)| known == name)
        {
            return Err(Error::invalid_input(format!(
                "the label {name:?} exists already"
            )));
        }
        reject_ids(name)
    }

    /// Appends the values of a line's labels. The result is equal for lines of the same stream.
    pub(super) fn push_key(&self, line: Line<'_>, key: &mut Vec<u8>) {
        key.extend_from_slice(level_of(line).unwrap_or_default().as_bytes());
        key.push(0);
        key.extend_from_slice(line.member(|located| located.service).unwrap_or_default());
        for (_, name) in &self.members {
            key.push(0);
            key.extend_from_slice(value_of(line, name).unwrap_or_default());
        }
    }

    /// Returns the labels of a line in Loki's syntax: `{level="info", service_name="orders"}`.
    pub(super) fn render(&self, line: Line<'_>) -> String {
        let text = |json: &[u8]| unescaped(json);
        let mut all: Vec<(&str, String)> = Vec::new();
        for (name, value) in &self.fixed {
            all.push((name, value.clone()));
        }
        for (name, of) in &self.members {
            all.extend(value_of(line, of).map(|value| (name.as_str(), text(value))));
        }
        if let Some(level) = level_of(line) {
            all.push((LEVEL, level.to_owned()));
        }
        let service = line.member(|located| located.service);
        match service.filter(|service| !service.is_empty()) {
            Some(service) => {
                all.retain(|(name, _)| *name != SERVICE);
                all.push((SERVICE, text(service)));
            }
            None if all.iter().all(|(name, _)| *name != SERVICE) => {
                all.push((SERVICE, UNKNOWN_SERVICE.to_owned()))
            }
            None => {}
        }
        all.sort_unstable();
        let pairs: Vec<String> = all
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", quoted(value)))
            .collect();
        format!("{{{}}}", pairs.join(", "))
    }
}

/// The level names of this crate, of syslog and of other loggers. Any other value is not a level, for example in a member named `status`,
/// and would make a stream of its own.
const LEVELS: [&str; 14] = [
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "warning",
    "notice",
    "fatal",
    "critical",
    "alert",
    "emergency",
    "panic",
    "verbose",
    "default",
];

fn level_of(line: Line<'_>) -> Option<&'static str> {
    let level = line.member(|located| located.level)?;
    let is_it = |word: &&str| word.as_bytes().eq_ignore_ascii_case(level);
    match level {
        // The levels of most lines.
        b"INFO" => Some("info"),
        b"DEBUG" => Some("debug"),
        b"WARN" => Some("warn"),
        b"ERROR" => Some("error"),
        _ => LEVELS.into_iter().find(is_it),
    }
}

fn value_of<'b>(line: Line<'b>, name: &str) -> Option<&'b [u8]> {
    line.is_json().then(|| member(line.text(), name)).flatten()
}

/// Rejects names of members with very many values. Each value would make a stream, and Loki then refuses lines of all clients.
fn reject_ids(name: &str) -> Result<(), Error> {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    let is_id = [
        "traceid",
        "spanid",
        "requestid",
        "sessionid",
        "userid",
        "messageid",
        "uuid",
        "guid",
        "timestamp",
        "time",
        "message",
    ]
    .iter()
    .any(|id| plain == *id)
        || ["_id", ".id", "-id", "Id", "ID"]
            .iter()
            .any(|end| name.ends_with(end));
    if is_id {
        return Err(Error::invalid_input(format!(
            "{name:?} as a label would make a stream for each of its values: `trace_id` and `span_id` are structured metadata already, and a \
             query finds everything else on a line by `| json`"
        )));
    }
    Ok(())
}

/// Quotes a string as Go does.
fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => quoted.push('\u{fffd}'),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Batch;

    fn rendered(labels: &Labels, line: &str) -> String {
        let batch = Batch::of_text(line);
        labels.render(batch.line(0).expect("the batch has a line"))
    }

    #[test]
    fn labels_are_sorted_and_quoted_and_contain_no_ids() {
        let mut labels = Labels::default();
        labels.add("env", "pro\"d\n").expect("the label is valid");
        labels
            .add_member("route", "http.route")
            .expect("the label is valid");
        let line =
            r#"{"level":"INFO","service.name":"or\u0064ers","http.route":"/a\\b","trace_id":"1"}"#;
        assert_eq!(
            rendered(&labels, line),
            r#"{env="pro\"d\n", level="info", route="/a\\b", service_name="orders"}"#
        );
        assert_eq!(
            rendered(&Labels::default(), r#"{"status":"order 20 accepted"}"#),
            r#"{service_name="unknown_service"}"#
        );
        assert_eq!(
            rendered(&Labels::default(), r#"{"level":5,"service.name":""}"#),
            r#"{service_name="unknown_service"}"#
        );
        assert_eq!(
            rendered(&Labels::default(), "no JSON"),
            r#"{service_name="unknown_service"}"#
        );
        let mut labels = Labels::default();
        labels
            .add("service_name", "of the file")
            .expect("the label is valid");
        assert_eq!(
            rendered(&labels, "no JSON"),
            r#"{service_name="of the file"}"#
        );
        assert_eq!(
            rendered(&labels, r#"{"service.name":"its own"}"#),
            r#"{service_name="its own"}"#
        );
    }

    #[test]
    fn an_id_is_refused_as_a_label() {
        for name in [
            "trace_id",
            "span_id",
            "traceId",
            "request_id",
            "user_id",
            "order_id",
            "customerId",
            "customerID",
            "uuid",
        ] {
            let error = Labels::default().add(name, "x").expect_err(name);
            assert!(error.to_string().contains("structured metadata"), "{error}");
        }
        Labels::default()
            .add_member("route", "trace.id")
            .expect_err("the member is an id");
        for name in ["", "1a", "a-b", "a.b", "é", "__name", "level"] {
            Labels::default().add(name, "x").expect_err(name);
        }
        let mut labels = Labels::default();
        labels.add("env", "a").expect("the label is valid");
        labels
            .add("env", "b")
            .expect_err("the label exists already");
    }
}
