//! The `fmt` layer of tracing-subscriber, and json-subscriber, put the fields of an event into `fields`, those of its span into `span`, and
//! those of all spans around it into the list `spans`. Lines for the life of a span have the messages `new`, `enter`, `exit` and `close`.

use super::{
    super::{
        durations,
        members::Members,
        names::{self, Meaning},
        understood::Moment,
    },
    adapted::Adapted,
    life,
};
use serde_json::Value;

/// What a line can have beside the fields of its event and of its spans.
const OWN: [&str; 9] = [
    "timestamp",
    "level",
    "message",
    "target",
    "filename",
    "linenumber",
    "threadname",
    "threadid",
    "spans",
];
const TIMES: [&str; 2] = ["time.busy", "time.idle"];

pub(super) fn adapt(members: &mut Members) -> Option<Adapted> {
    let is_nested = members.has("fields.message");
    if !(is_nested || has_spans(members) && (members.has("target") || has_names(members))) {
        return None;
    }
    // A line about the life of a span has no fields of its own.
    let prefix = if is_nested { "fields." } else { "" };
    let has_fields = members.iter().any(|member| {
        let key = member.key.strip_prefix(prefix);
        key.is_some_and(|key| !is_own(key))
    });
    members.strip_prefix("fields.");
    add_spans(members);
    let has_times = TIMES.iter().all(|key| members.has(key));
    let moment = life::moment(members, has_times);
    let moment = moment.filter(|_| members.has("span.name") && !has_fields);
    let moment = match moment {
        Some(Moment::Close) => add_duration(members).map(|()| Moment::Close),
        moment => moment,
    };
    Some(Adapted::with_moment(moment))
}

fn has_spans(members: &Members) -> bool {
    members.has("span.name") || members.get("spans").is_some_and(Value::is_array)
}

/// Returns whether a line without a target has the level in capitals, and no names of other loggers.
fn has_names(members: &Members) -> bool {
    let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];
    let level = members.text("level");
    let others = ["loggername", "msg", "event", "time", "ts"];
    level.is_some_and(|level| levels.contains(&level)) && !others.iter().any(|key| members.has(key))
}

/// Returns whether a key is none of an event: json-subscriber adds the ids and the service.
fn is_own(key: &str) -> bool {
    use Meaning::{Service, SpanId, TraceId};
    let is_context = || {
        let meaning = names::meaning(key).map(|(meaning, _)| meaning);
        matches!(meaning, Some(Service | TraceId | SpanId))
    };
    OWN.contains(&key) || TIMES.contains(&key) || key.starts_with("span.") || is_context()
}

/// Adds the fields of the spans around the event to those of `span`. Of fields with the same name, the innermost one counts.
fn add_spans(members: &mut Members) {
    let Some(Value::Array(spans)) = members.get("spans") else {
        return;
    };
    let objects = spans.iter().rev().filter_map(Value::as_object);
    let fields = objects
        .flatten()
        .map(|(name, value)| (format!("span.{name}"), value.clone()));
    let fields: Vec<_> = fields.collect();
    members.extend_new(fields);
}

/// Adds how long the span was, of which the line has two parts: `"time.busy":"28.1ms","time.idle":"164µs"`.
fn add_duration(members: &mut Members) -> Option<()> {
    let part = |key| members.text(key).and_then(durations::of_text);
    let sum = part("time.busy")?.checked_add(part("time.idle")?)?;
    let nanos = u64::try_from(sum.as_nanos()).ok()?;
    members.push("duration_ns", nanos);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(line: &str) -> Members {
        Members::of_object(serde_json::from_str(line).expect("an object"))
    }

    #[test]
    fn the_fields_of_the_innermost_span_count() {
        let mut members = members(
            r#"{"level":"INFO","target":"app","fields":{"message":"m","n":1},"span":{"n":2,"name":"inner"},"spans":[{"trace_id":"4b","n":3,"name":"outer"},{"n":2,"name":"inner"}]}"#,
        );
        assert_eq!(adapt(&mut members), Some(Adapted::default()));
        let value = |key| members.get(key).cloned();
        assert_eq!(value("n"), Some(1.into()));
        assert_eq!(value("span.n"), Some(2.into()));
        assert_eq!(value("span.name"), Some("inner".into()));
        assert_eq!(value("span.traceid"), Some("4b".into()));
    }

    #[test]
    fn a_closing_line_has_busy_and_idle_time() {
        let closing = r#"{"target":"app","message":"close","time.busy":"28.1ms","time.idle":"164µs","span":{"name":"a"}}"#;
        let mut closing = members(closing);
        let moment = adapt(&mut closing).and_then(|adapted| adapted.moment);
        assert_eq!(moment, Some(Moment::Close));
        assert_eq!(closing.get("durationns"), Some(&28_264_000.into()));
        for (line, moment) in [
            (
                r#"{"target":"app","message":"close","span":{"name":"a"}}"#,
                None,
            ),
            (
                r#"{"target":"app","fields":{"message":"new"},"span":{"name":"a"}}"#,
                Some(Moment::New),
            ),
            (
                r#"{"timestamp":"t","level":"INFO","message":"enter","span":{"name":"a"}}"#,
                Some(Moment::Enter),
            ),
            (
                r#"{"timestamp":"t","level":"INFO","message":"close","time.busy":"1ms","time.idle":"1ms","span":{"name":"a"}}"#,
                Some(Moment::Close),
            ),
            (
                r#"{"timestamp":"t","level":"INFO","fields":{"message":"exit"},"spans":[{"name":"a"}]}"#,
                Some(Moment::Exit),
            ),
            (
                r#"{"target":"app","fields":{"message":"exit","code":3},"span":{"name":"a"}}"#,
                None,
            ),
            (
                r#"{"level":"INFO","message":"exit","code":3,"span":{"name":"a"}}"#,
                None,
            ),
            (
                r#"{"level":"ERROR","fields":{"message":"exit"},"span":{"name":"a"}}"#,
                None,
            ),
            (
                r#"{"level":"info","message":"exit","span":{"name":"a"}}"#,
                None,
            ),
            (r#"{"target":"app","fields":{"message":"new"}}"#, None),
        ] {
            let found = adapt(&mut members(line)).and_then(|adapted| adapted.moment);
            assert_eq!(found, moment, "{line}");
        }
    }
}
