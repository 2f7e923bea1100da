//! Makes a record of the members of a line, by their names.

use super::{
    access,
    durations::{self, Unit},
    error_details::ErrorDetails,
    families::Adapted,
    ids,
    level::{Level, Scale},
    members::{Member, Members},
    names::{self, Meaning},
    span_list::SpanList,
    stack,
    times::Clock,
    understood::{Moment, Record, SpanTimes},
};
use log_files::Time;
use serde_json::Value;
use std::{collections::HashMap, time::Duration};

/// Returns the record of a line, and its time with the precision in which it is written.
pub(super) fn record(members: Members, adapted: &Adapted, clock: &Clock) -> (Record, Option<Time>) {
    let is_access_line = members.has(durations::OF_REQUEST);
    let mut choice = Choice::new(members);
    let time = choice.choose(Meaning::Time, |member| clock.time(&member.value));
    let mut record = Record {
        time: time.map(|time| time.nanos),
        level: choice.choose(Meaning::Level, |member| level(&member.key, &member.value)),
        message: choice.choose(Meaning::Message, message),
        service: choice.choose(Meaning::Service, non_empty),
        trace_id: choice.choose(Meaning::TraceId, |member| {
            ids::trace_id(&member.value, names::digits(&member.key))
        }),
        span_id: choice.choose(Meaning::SpanId, span_id),
        parent_span_id: choice.choose(Meaning::ParentSpanId, span_id),
        span_name: choice.choose(Meaning::SpanName, non_empty),
        error: error(&mut choice),
        duration: choice.choose(Meaning::Duration, |member| {
            duration(&member.key, &member.value, adapted.unit)
        }),
        moment: adapted.moment,
        ..Record::default()
    };
    add_spans_around(&mut choice, &mut record);
    add_traceparent(&mut choice, &mut record);
    if record.moment == Some(Moment::Close) || (is_access_line && record.duration.is_some()) {
        let start = choice.choose(Meaning::SpanStart, |member| clock.time(&member.value));
        record.span_times = Some(SpanTimes {
            start: start.map(|start| start.nanos),
            duration: record.duration,
        });
    }
    record.fields = choice.members.into_fields();
    (record, time)
}

/// The members of a line, with those that could be each part of a record.
struct Choice {
    members: Members,
    /// The indices of the members with a meaning, in the order in which they count.
    candidates: HashMap<Meaning, Vec<(usize, usize)>>,
}

impl Choice {
    fn new(members: Members) -> Self {
        let mut candidates: HashMap<_, Vec<_>> = HashMap::new();
        for (index, member) in members.iter().enumerate() {
            if let Some((meaning, place)) = names::meaning(&member.key) {
                candidates.entry(meaning).or_default().push((place, index));
            }
        }
        for of_meaning in candidates.values_mut() {
            of_meaning.sort_unstable();
        }
        Self {
            members,
            candidates,
        }
    }

    /// Returns the value of the first member that has one. Members that repeat the same value, or that are empty, are not fields of the record
    /// either.
    fn choose<T: PartialEq>(
        &mut self,
        meaning: Meaning,
        value: impl Fn(&Member) -> Option<T>,
    ) -> Option<T> {
        let mut chosen = None;
        for (_, index) in self.candidates.get(&meaning).into_iter().flatten() {
            let Some(member) = self.members.at_mut(*index) else {
                continue;
            };
            match value(member) {
                Some(found) if chosen.as_ref().is_none_or(|chosen| *chosen == found) => {
                    member.is_used = true;
                    chosen = Some(found);
                }
                None => member.is_used = is_empty(&member.value),
                _ => {}
            }
        }
        chosen
    }

    /// Returns the value of the first member that has one. All members stay fields of the record.
    fn peek<T>(&self, meaning: Meaning, value: impl Fn(&Member) -> Option<T>) -> Option<T> {
        let candidates = self.candidates.get(&meaning).into_iter().flatten();
        let mut members = candidates.filter_map(|(_, index)| self.members.at(*index));
        members.find_map(value)
    }
}

pub(super) fn level(key: &str, value: &Value) -> Option<Level> {
    let scale = names::scale(key);
    match value {
        Value::Number(number) => Level::of_number(number.as_i64()?, scale),
        Value::String(name) => match name.trim().parse() {
            Ok(number) => Level::of_number(number, scale),
            Err(_) if scale == Scale::Logger => {
                Level::of_name(name).or_else(|| Level::of_letter(name.trim()))
            }
            Err(_) => Level::of_name(name),
        },
        _ => None,
    }
}

/// Returns the text of a message. Some loggers accept a value that is not a string as a message.
fn message(member: &Member) -> Option<String> {
    match &member.value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) => Some(member.value.to_string()),
        _ => None,
    }
}

/// Returns whether a value says that there is none, as an id of zeros does.
fn is_empty(value: &Value) -> bool {
    let is_zero = |text: &str| {
        let is_id = matches!(text.len(), 16 | 32);
        is_id && text.bytes().all(|byte| byte == b'0')
    };
    let is_none = |text: &str| text.is_empty() || is_zero(text);
    value.is_null() || value.as_str().is_some_and(is_none)
}

fn non_empty(member: &Member) -> Option<String> {
    let text = member.value.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn span_id(member: &Member) -> Option<String> {
    ids::span_id(&member.value, names::digits(&member.key))
}

pub(super) fn duration(key: &str, value: &Value, unit: Option<Unit>) -> Option<Duration> {
    let named = match key {
        "event.duration" => Some(Unit::Nanoseconds),
        durations::OF_REQUEST => Some(Unit::Seconds),
        key => durations::unit_of_name(key.rsplit('.').next()?)?,
    };
    let (is_named, unit) = (named.is_some(), named.or(unit));
    // slog's text has `2.5ms`.
    let has_unit = value.as_str().is_some_and(|text| text.ends_with('s'));
    // A number of nanoseconds is whole, and one of seconds has decimals. Otherwise the user has chosen another unit.
    let is_of_user = match unit {
        Some(Unit::Nanoseconds) if is_named => value.is_f64(),
        Some(Unit::Nanoseconds) => !(value.is_u64() || has_unit),
        Some(Unit::Seconds) if !is_named => value.is_u64(),
        _ => false,
    };
    if is_of_user {
        return None;
    }
    durations::of_value(value, unit)
}

/// Adds the names of the spans around the event and, if these have ids, what they say about the span of the line.
fn add_spans_around(choice: &mut Choice, record: &mut Record) {
    let list = choice.choose(Meaning::SpanPath, |member| SpanList::of(&member.value));
    let list = list.unwrap_or_default();
    if let Some(id) = record.span_id.as_deref() {
        if let Some(name) = list.name_around(id) {
            record.span_name = Some(name.to_owned());
        }
        if record.parent_span_id.is_none() {
            record.parent_span_id = list.id_around(id).map(str::to_owned);
        }
    }
    record.span_path = list.names;
}

/// Adds the ids of a `traceparent`. If the line has ids of its own, it names the caller of a request, provided that it is the request that the
/// service has received: a line about a request that it sends can have the `traceparent` that goes out.
fn add_traceparent(choice: &mut Choice, record: &mut Record) {
    let found = |member: &Member| ids::of_traceparent(member.value.as_str()?);
    if record.trace_id.is_none() {
        if let Some((trace_id, span_id)) = choice.choose(Meaning::Traceparent, found) {
            record.trace_id = Some(trace_id);
            record.span_id = record.span_id.take().or(span_id);
        }
    } else if access::is_access_line(&choice.members) {
        let caller = choice.peek(Meaning::Traceparent, found);
        record.caller_span_id = caller
            .filter(|(trace_id, _)| Some(trace_id) == record.trace_id.as_ref())
            .and_then(|(_, span_id)| span_id)
            .filter(|span_id| record.span_id.as_ref().is_some_and(|own| own != span_id));
    }
}

/// Returns a list of causes. tracing-subscriber's text has them in brackets, and a cause may have a comma, so they are one text.
fn causes(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(causes) => causes
            .iter()
            .map(|cause| cause.as_str().map(str::to_owned))
            .collect(),
        Value::String(text) => {
            let causes = text.strip_prefix('[')?.strip_suffix(']')?;
            Some(vec![causes.to_owned()])
        }
        _ => None,
    }
}

fn error(choice: &mut Choice) -> Option<ErrorDetails> {
    let text = choice.choose(Meaning::ErrorText, non_empty);
    // Several loggers write a stack trace where others have the message.
    let from_text = match text {
        Some(text) => stack::error_of(&text).unwrap_or(ErrorDetails {
            message: Some(text),
            ..ErrorDetails::default()
        }),
        None => ErrorDetails::default(),
    };
    let stack = choice.choose(Meaning::ErrorStack, non_empty);
    let from_stack = stack.as_deref().and_then(stack::error_of);
    let causes = choice.choose(Meaning::ErrorCauses, |member| causes(&member.value));
    let details = ErrorDetails {
        kind: choice.choose(Meaning::ErrorKind, non_empty),
        stack,
        causes: causes.unwrap_or_default(),
        ..ErrorDetails::default()
    };
    let details = details.or(from_text).or(from_stack.unwrap_or_default());
    (!details.is_empty()).then_some(details)
}

#[cfg(test)]
mod tests {
    use super::{super::times::Zone, *};

    fn read(line: &str, unit: Option<Unit>) -> Record {
        let object = serde_json::from_str(line).expect("an object");
        let adapted = Adapted { unit, moment: None };
        let clock = Clock {
            zone: Zone::Unknown,
            now: None,
        };
        record(Members::of_object(object), &adapted, &clock).0
    }

    fn names(record: &Record) -> Vec<&str> {
        record.fields.iter().map(|(name, _)| &**name).collect()
    }

    #[test]
    fn a_value_that_is_repeated_is_no_field_and_another_value_is() {
        let line = r#"{"level":"info","level_value":20000,"severity":"error","message":"m","msg":"m","event":"e"}"#;
        let record = read(line, None);
        assert_eq!(record.level, Some(Level::Info));
        assert_eq!(record.message.as_deref(), Some("m"));
        assert_eq!(names(&record), ["severity", "event"]);
    }

    #[test]
    fn a_value_that_makes_no_sense_is_passed_over() {
        let line = r#"{"time":35,"ts":"2026-11-29T15:48:29Z","level":200,"lvl":"warn","status":502,"service":{"name":"s"},"trace_id":"x"}"#;
        let record = read(line, None);
        assert_eq!(record.time, Some(1_795_967_309_000_000_000));
        assert_eq!(record.level, Some(Level::Warn));
        assert_eq!(record.service.as_deref(), Some("s"));
        assert_eq!(names(&record), ["time", "level", "status", "trace_id"]);
    }

    #[test]
    fn a_level_is_a_name_a_letter_or_a_number_of_its_key() {
        for (line, level) in [
            (r#"{"level":"E"}"#, Some(Level::Error)),
            (r#"{"level":"W"}"#, Some(Level::Warn)),
            (r#"{"level":"I"}"#, Some(Level::Info)),
            (r#"{"level":"D"}"#, Some(Level::Debug)),
            (r#"{"status":"F"}"#, None),
            (r#"{"severityNumber":17}"#, Some(Level::Error)),
            (r#"{"severity_number":17}"#, Some(Level::Error)),
            (r#"{"severity":17}"#, None),
            (r#"{"level":17}"#, None),
            (r#"{"level":10}"#, Some(Level::Trace)),
        ] {
            assert_eq!(read(line, None).level, level, "{line}");
        }
    }

    #[test]
    fn a_duration_needs_a_unit_that_fits() {
        let took = |line, unit| read(line, unit).duration.map(|took| took.as_nanos());
        assert_eq!(took(r#"{"duration":5}"#, None), None);
        assert_eq!(took(r#"{"duration":5}"#, Some(Unit::Nanoseconds)), Some(5));
        assert_eq!(took(r#"{"duration":5.5}"#, Some(Unit::Nanoseconds)), None);
        assert_eq!(took(r#"{"took":"5"}"#, Some(Unit::Nanoseconds)), None);
        assert_eq!(took(r#"{"took":"5ns"}"#, Some(Unit::Nanoseconds)), Some(5));
        assert_eq!(took(r#"{"took":5}"#, Some(Unit::Seconds)), None);
        assert_eq!(
            took(r#"{"took":0.5}"#, Some(Unit::Seconds)),
            Some(500_000_000)
        );
        assert_eq!(took(r#"{"duration_s":5}"#, None), Some(5_000_000_000));
        assert_eq!(
            took(r#"{"duration_ms":5}"#, Some(Unit::Nanoseconds)),
            Some(5_000_000)
        );
        assert_eq!(took(r#"{"event":{"duration":5}}"#, None), Some(5));
        assert_eq!(took(r#"{"field.duration_ms":5}"#, None), Some(5_000_000));
    }

    #[test]
    fn the_span_of_an_access_line_takes_as_long_as_its_request_whatever_else_has_a_duration() {
        let line = r#"{"query_ms":1,"duration_ms":5,"http.server.request.duration":0.008}"#;
        let record = read(line, None);
        let times = record.span_times.expect("it is an access line");
        assert_eq!(times.duration, Some(Duration::from_millis(8)));
        assert_eq!(names(&record), ["query_ms", "duration_ms"]);
    }

    #[test]
    fn an_error_has_its_parts_from_wherever_they_are() {
        let stack = r"java.lang.E: x\n\tat A\nCaused by: F: y\n\tat B";
        for line in [
            format!(r#"{{"error":"{stack}"}}"#),
            format!(r#"{{"stack_trace":"{stack}"}}"#),
            format!(
                r#"{{"error":{{"type":"java.lang.E","message":"x","stack_trace":"{stack}"}}}}"#
            ),
        ] {
            let error = read(&line, None).error.expect("an error");
            assert_eq!(error.kind.as_deref(), Some("java.lang.E"), "{line}");
            assert_eq!(error.message.as_deref(), Some("x"), "{line}");
            assert_eq!(error.causes, ["y"], "{line}");
            assert!(error.stack.is_some(), "{line}");
        }
        for line in [
            r#"{"error":""}"#,
            r#"{"error":null}"#,
            r#"{"error":false}"#,
            "{}",
        ] {
            assert_eq!(read(line, None).error, None, "{line}");
        }
    }

    #[test]
    fn a_traceparent_counts_where_no_id_is_written() {
        let parent = r#""traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01""#;
        let record = read(&format!("{{{parent}}}"), None);
        assert_eq!(
            record.trace_id.as_deref(),
            Some("4bf92f3577b34da6a3ce929d0e0e4736")
        );
        assert_eq!(record.span_id.as_deref(), Some("00f067aa0ba902b7"));
        let own = "53995c3f42cd8ad8a3ce929d0e0e4736";
        let record = read(&format!(r#"{{"trace_id":"{own}",{parent}}}"#), None);
        assert_eq!(
            (record.trace_id.as_deref(), record.span_id),
            (Some(own), None)
        );
    }
}
