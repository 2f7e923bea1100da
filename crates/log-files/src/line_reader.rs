//! Finds the fixed keys in finished lines. This is the only place that knows which names they can have.

use crate::{
    json::Scan,
    key_names::{DATADOG, ECS, GCP, KeyNames, OTEL},
    time::parse_time,
};
use memchr::memmem;
use std::{borrow::Cow, ops::Range, sync::LazyLock};

/// The positions of the values that readers need from a finished line. Strings are without their quotes, and still escaped. An
/// object or a list is not located, unless it is the message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Located {
    /// The time.
    pub time: Option<Range<usize>>,
    /// The level.
    pub level: Option<Range<usize>>,
    /// The message. It may be an object.
    pub message: Option<Range<usize>>,
    /// The name of the service.
    pub service: Option<Range<usize>>,
    /// The trace id.
    pub trace_id: Option<Range<usize>>,
    /// The span id.
    pub span_id: Option<Range<usize>>,
    /// The trace flags.
    pub trace_flags: Option<Range<usize>>,
    /// The id that the line brings with it, `log.record.uid` of OpenTelemetry.
    pub record_uid: Option<Range<usize>>,
}

/// Reads lines written with the application's schema, with the schemas of this crate, and by other loggers.
///
/// The first two keys of a line decide which schema it has, since every schema starts with its time and its level. Then the names of
/// other schemas are user fields, which provide neither ids nor labels. A line of another logger can have the names of any schema.
#[derive(Clone, Debug)]
pub struct LineReader {
    /// The application's schema comes first, so that its renamed keys take precedence.
    schemas: Vec<Names>,
    any: Names,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Time,
    Level,
    Message,
    Service,
    TraceId,
    /// The trace as a resource name, `projects/orders/traces/4bf9…`. The id is its last part.
    TracePath,
    SpanId,
    TraceFlags,
    RecordUid,
}

/// Names of keys, with the value that each one holds.
#[derive(Clone, Debug)]
struct Names {
    slots: Vec<(Cow<'static, str>, Slot)>,
    /// `,"log.record.uid":`, which can only follow the trace flags on a line of this schema. `None` for lines of other loggers, where it
    /// can be anywhere.
    uid_after_flags: Option<Box<[u8]>>,
}

/// The only name of a record's id in lines of other loggers. Their `event.id` can be the id of anything.
const RECORD_UID: &str = "log.record.uid";

/// Names in lines of other loggers: those that Datadog's tracers inject, and the short ones of zap, slog-json, pino and bunyan.
const OTHERS: [(&str, Slot); 4] = [
    ("dd.trace_id", Slot::TraceId),
    ("dd.span_id", Slot::SpanId),
    ("ts", Slot::Time),
    ("msg", Slot::Message),
];

impl Names {
    fn of<S: AsRef<str>>(names: &KeyNames<S>) -> Self {
        let trace = match names.trace_is_path {
            true => Slot::TracePath,
            false => Slot::TraceId,
        };
        let slots = [
            (&names.timestamp, Slot::Time),
            (&names.level, Slot::Level),
            (&names.message, Slot::Message),
            (&names.trace_id, trace),
            (&names.span_id, Slot::SpanId),
            (&names.trace_flags, Slot::TraceFlags),
            (&names.record_uid, Slot::RecordUid),
            (&names.service, Slot::Service),
        ];
        let record_uid = format!(",\"{}\":", names.record_uid.as_ref());
        Self {
            slots: slots
                .map(|(name, slot)| (Cow::Owned(name.as_ref().to_owned()), slot))
                .into(),
            uid_after_flags: Some(record_uid.into_bytes().into()),
        }
    }

    /// Returns the names of all these schemas. In lines of another logger, `service` can mean anything, so only `service.name` counts.
    fn any_of(schemas: &[Self]) -> Self {
        let all = schemas
            .iter()
            .flat_map(|schema| schema.slots.iter().cloned());
        let all = all.filter(|(name, slot)| match slot {
            Slot::Service => name == "service.name",
            Slot::RecordUid => name == RECORD_UID,
            _ => true,
        });
        let others = OTHERS.map(|(name, slot)| (Cow::Borrowed(name), slot));
        Self {
            slots: all.chain(others).collect(),
            uid_after_flags: None,
        }
    }

    fn slot(&self, key: &[u8]) -> Option<Slot> {
        let named = self.slots.iter().find(|(name, _)| name.as_bytes() == key)?;
        Some(named.1)
    }

    fn starts_with(&self, first: &[u8], second: &[u8]) -> bool {
        self.slot(first) == Some(Slot::Time) && self.slot(second) == Some(Slot::Level)
    }

    /// Returns whether a line with all other ids has a record's id in the rest, which begins after the trace flags or later.
    fn may_have_uid_in(&self, rest: &[u8]) -> bool {
        match &self.uid_after_flags {
            Some(member) => rest.starts_with(member),
            None => QUOTED_RECORD_UID.find(rest).is_some(),
        }
    }
}

impl Default for LineReader {
    fn default() -> Self {
        Self::new::<&str>(None)
    }
}

impl LineReader {
    /// Creates a reader that also knows the given names, such as those of a schema with renamed keys.
    pub fn new<S: AsRef<str>>(own: Option<&KeyNames<S>>) -> Self {
        let known = [OTEL, ECS, GCP, DATADOG];
        let own = own.map(Names::of);
        let schemas: Vec<Names> = own.into_iter().chain(known.iter().map(Names::of)).collect();
        let any = Names::any_of(&schemas);
        Self { schemas, any }
    }

    /// Searches the top level of an object. Returns `None` if the line is not an object. Does not check that the line is valid JSON.
    pub fn locate(&self, line: &[u8]) -> Option<Located> {
        let mut located = Located::default();
        let mut scan = Scan::new(line)?;
        // The meaning of the first key depends on the second.
        let first = scan.try_next().ok()?;
        let Some(first) = first else {
            return Some(located);
        };
        let second = scan.try_next().ok()?;
        let key = |range: &Range<usize>| line.get(range.clone()).unwrap_or_default();
        let names = second.as_ref().and_then(|second| {
            let is_schema = |names: &&Names| names.starts_with(key(&first.key), key(&second.key));
            self.schemas.iter().find(is_schema)
        });
        let names = names.unwrap_or(&self.any);
        let mut next = Some(first);
        let mut after = second;
        while let Some(entry) = next {
            if let Some(slot) = names.slot(key(&entry.key)) {
                let (place, value) = located.place(slot, line, entry.value.clone());
                let is_better = match place {
                    None => true,
                    // `time` can be a duration in lines of other loggers.
                    Some(before) => {
                        slot == Slot::Time
                            && names.uid_after_flags.is_none()
                            && !is_time(line, before)
                            && value.as_ref().is_some_and(|value| is_time(line, value))
                    }
                };
                if is_better {
                    *place = value;
                    if located.is_complete(names, &line[entry.value.end..]) {
                        return Some(located);
                    }
                }
            }
            next = match after.take() {
                Some(entry) => Some(entry),
                None => scan.try_next().ok()?,
            };
        }
        Some(located)
    }
}

impl Located {
    fn place(
        &mut self,
        slot: Slot,
        line: &[u8],
        value: Range<usize>,
    ) -> (&mut Option<Range<usize>>, Option<Range<usize>>) {
        let any = Some(value.clone());
        let value = scalar(line, &value);
        match slot {
            Slot::Time => (&mut self.time, value),
            Slot::Level => (&mut self.level, value),
            // The message of another logger may be an object.
            Slot::Message => (&mut self.message, value.or(any)),
            Slot::Service => (&mut self.service, value),
            Slot::TraceId => (&mut self.trace_id, value),
            Slot::TracePath => (&mut self.trace_id, value.map(|path| last_part(line, path))),
            Slot::SpanId => (&mut self.span_id, value),
            Slot::TraceFlags => (&mut self.trace_flags, value),
            Slot::RecordUid => (&mut self.record_uid, value),
        }
    }

    /// Returns whether the rest of the line holds no further values of interest. Many lines name no service, and then most of the line
    /// does not have to be read.
    fn is_complete(&self, names: &Names, rest: &[u8]) -> bool {
        self.time.is_some()
            && self.level.is_some()
            && self.message.is_some()
            && self.trace_id.is_some()
            && self.span_id.is_some()
            && self.trace_flags.is_some()
            && (self.record_uid.is_some() || !names.may_have_uid_in(rest))
            && (self.service.is_some() || SERVICE.find(rest).is_none())
    }
}

/// Whether a value is a time.
fn is_time(line: &[u8], value: &Range<usize>) -> bool {
    line.get(value.clone()).and_then(parse_time).is_some()
}

/// Finds the start of every key that names a service.
static SERVICE: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new(b"\"service"));

/// Finds the key of a record's id in lines of other loggers.
static QUOTED_RECORD_UID: LazyLock<memmem::Finder<'_>> =
    LazyLock::new(|| memmem::Finder::new(b"\"log.record.uid\""));

fn last_part(line: &[u8], path: Range<usize>) -> Range<usize> {
    let text = line.get(path.clone()).unwrap_or_default();
    match text.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => path.start + slash + 1..path.end,
        None => path,
    }
}

/// Returns the value of a top-level member, in the form that [`Located`] describes.
pub fn member<'l>(line: &'l [u8], wanted: &str) -> Option<&'l [u8]> {
    let found =
        Scan::new(line)?.find(|entry| line.get(entry.key.clone()) == Some(wanted.as_bytes()));
    line.get(scalar(line, &found?.value)?)
}

/// Returns the key of the top-level member that contains this range of a value.
#[must_use]
pub fn key_of<'l>(line: &'l [u8], value: &Range<usize>) -> Option<&'l [u8]> {
    let found = Scan::new(line)?.find(|entry| value.start < entry.value.end)?;
    (found.value.start <= value.start).then(|| line.get(found.key))?
}

/// Returns the range of a value without the quotes of a string. Returns `None` for an object or a list.
fn scalar(line: &[u8], value: &Range<usize>) -> Option<Range<usize>> {
    match line.get(value.start)? {
        b'"' => Some(value.start + 1..value.end - 1),
        b'{' | b'[' => None,
        _ => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Option<[Option<&str>; 6]> {
        texts_by(&LineReader::default(), line)
    }

    fn texts_by<'l>(reader: &LineReader, line: &'l str) -> Option<[Option<&'l str>; 6]> {
        let found = reader.locate(line.as_bytes())?;
        let all = [
            found.time,
            found.level,
            found.service,
            found.trace_id,
            found.span_id,
            found.trace_flags,
        ];
        Some(all.map(|range| range.map(|range| &line[range])))
    }

    fn record_uid<'l>(reader: &LineReader, line: &'l str) -> Option<&'l str> {
        let found = reader.locate(line.as_bytes()).expect("an object");
        found.record_uid.map(|range| &line[range])
    }

    #[test]
    fn names_of_another_schema_are_fields_of_the_user() {
        let others = r#""service":"s","service.name":"n","trace_id":"1","span_id":"2","trace.id":"3","span.id":"4","logging.googleapis.com/trace":"p/5","logging.googleapis.com/spanId":"6","dd.trace_id":"7","dd.span_id":"8","trace_flags":"01""#;
        for (begin, expected) in [
            (r#""timestamp":"T","level":"L""#, ["n", "1", "2", "01"]),
            (r#""timestamp":"T","status":"L""#, ["s", "1", "2", "01"]),
            (r#""@timestamp":"T","log.level":"L""#, ["n", "3", "4", "01"]),
            (r#""time":"T","severity":"L""#, ["n", "5", "6", ""]),
            (r#""level":"L","time":"T""#, ["n", "1", "2", "01"]),
        ] {
            let line = format!("{{{begin},{others}}}");
            let found = texts(&line).expect("an object");
            assert_eq!(found[..2], [Some("T"), Some("L")], "{line}");
            let rest: Vec<&str> = found[2..]
                .iter()
                .map(|text| text.unwrap_or_default())
                .collect();
            assert_eq!(rest, expected, "{line}");
        }
        // Names of other schemas are user fields, so nothing is located by them.
        let fields = r#"{"timestamp":"T","level":"L","time":"5","status":"x","severity":"y","trace.id":"3"}"#;
        let found = texts(fields).expect("an object");
        assert_eq!(found, [Some("T"), Some("L"), None, None, None, None]);
    }

    #[test]
    fn the_id_of_a_record_is_located_by_the_name_of_the_schema() {
        let ids =
            r#""log.record.uid":"1","event.id":"2","logging.googleapis.com/insertId":"3","n":1"#;
        for (begin, expected) in [
            (r#""timestamp":"T","level":"L""#, "1"),
            (r#""timestamp":"T","status":"L""#, "1"),
            (r#""@timestamp":"T","log.level":"L""#, "2"),
            (r#""time":"T","severity":"L""#, "3"),
            (r#""level":"L","time":"T""#, "1"),
        ] {
            let line = format!("{{{begin},{ids}}}");
            assert_eq!(
                record_uid(&LineReader::default(), &line),
                Some(expected),
                "{line}"
            );
        }
        let others = r#"{"event.id":"2","logging.googleapis.com/insertId":"3"}"#;
        assert_eq!(record_uid(&LineReader::default(), others), None);
        let names = KeyNames {
            record_uid: "uid",
            ..OTEL
        };
        let renamed = r#"{"timestamp":"T","level":"L","uid":"4","log.record.uid":"1"}"#;
        assert_eq!(
            record_uid(&LineReader::new(Some(&names)), renamed),
            Some("4")
        );
    }

    #[test]
    fn the_id_of_a_record_is_located_after_all_other_ids() {
        let ids = r#""message":"m","trace_id":"1","span_id":"2","trace_flags":"01""#;
        let own = r#""timestamp":"T","level":"L""#;
        let others = r#""level":"L","time":"T""#;
        for (line, expected) in [
            (
                format!(r#"{{{own},{ids},"log.record.uid":"5","a":1}}"#),
                Some("5"),
            ),
            (
                format!(r#"{{{own},{ids},"log.record.uid":"5","service.name":"s"}}"#),
                Some("5"),
            ),
            (
                format!(r#"{{{own},{ids},"service.name":"s","a":"log.record.uid"}}"#),
                None,
            ),
            (
                format!(r#"{{{others},{ids},"service.name":"s","a":1,"log.record.uid":"5"}}"#),
                Some("5"),
            ),
            (
                format!(r#"{{{others},{ids},"a":{{"log.record.uid":"5"}}}}"#),
                None,
            ),
            (
                format!(r#"{{"log.record.uid":"5",{others},{ids}}}"#),
                Some("5"),
            ),
        ] {
            assert_eq!(
                record_uid(&LineReader::default(), &line),
                expected,
                "{line}"
            );
        }
        // A service after the id is still found.
        let line = format!(r#"{{{own},{ids},"log.record.uid":"5","service.name":"s"}}"#);
        assert_eq!(texts(&line).expect("an object")[2], Some("s"));
    }

    #[test]
    fn the_key_of_a_value_is_found() {
        let line = r#"{"a":"x","logging.googleapis.com/trace":"projects/a:b/traces/4b", "n" : 1}"#;
        for (value, key) in [
            ("x", "a"),
            ("4b", "logging.googleapis.com/trace"),
            ("1}", "n"),
        ] {
            let start = line.find(value).expect("the line has the value");
            let found = key_of(line.as_bytes(), &(start..start + 1));
            assert_eq!(found, Some(key.as_bytes()));
        }
    }

    #[test]
    fn a_trace_id_of_google_cloud_is_the_last_part_of_the_resource_name() {
        let line = r#"{"logging.googleapis.com/trace":"projects/p/traces/4b","logging.googleapis.com/spanId":"f0"}"#;
        let found = texts(line).expect("an object");
        assert_eq!((found[3], found[4]), (Some("4b"), Some("f0")));
    }

    #[test]
    fn the_members_of_a_line_are_found_whatever_is_between_them() {
        let line = r#"{"timestamp":"T","level":"INFO","message":"a \"level\":\"x\" {","list":[{"level":"y"},"]"],"trace_id":"1","span_id":"2","trace_flags":"01","service.name":"orders"}"#;
        let all = [
            Some("T"),
            Some("INFO"),
            Some("orders"),
            Some("1"),
            Some("2"),
            Some("01"),
        ];
        assert_eq!(texts(line), Some(all));
        let ecs = r#" { "@timestamp" : "T" , "log.level" : "warn", "n": 1, "trace.id":"1" } "#;
        assert_eq!(
            texts(ecs),
            Some([Some("T"), Some("warn"), None, Some("1"), None, None])
        );
        assert_eq!(
            member(line.as_bytes(), "message"),
            Some(&br#"a \"level\":\"x\" {"#[..])
        );
        assert_eq!(member(line.as_bytes(), "list"), None);
        assert_eq!(member(ecs.as_bytes(), "n"), Some(&b"1"[..]));
    }

    #[test]
    fn a_renamed_key_is_located_by_the_schema_that_renames_it() {
        let names = KeyNames {
            trace_id: "traceId",
            message: "msg",
            ..OTEL
        };
        let line = r#"{"timestamp":"T","level":"L","msg":"hello","traceId":"1","span_id":"2","trace_flags":"01","trace_id":"a user's"}"#;
        let own = LineReader::new(Some(&names));
        let located = own.locate(line.as_bytes()).expect("an object");
        assert_eq!(located.message.map(|range| &line[range]), Some("hello"));
        assert_eq!(texts_by(&own, line).expect("an object")[3], Some("1"));
        // Without that schema, the names of the default schema count.
        assert_eq!(texts(line).expect("an object")[3], Some("a user's"));
        // Lines with another schema in the same file are still read by the names of that schema.
        let ecs = r#"{"@timestamp":"T","log.level":"L","message":"m","trace.id":"3"}"#;
        assert_eq!(texts_by(&own, ecs).expect("an object")[3], Some("3"));
    }

    #[test]
    fn text_that_is_not_an_object_has_no_members() {
        for text in [
            "",
            "thread 'main' panicked",
            "[1]",
            "\"x\"",
            "{\"a\":",
            "{\"a\":1",
            "{",
            "{\"a",
            "{\"a\"}",
            "null",
        ] {
            assert_eq!(texts(text), None, "{text}");
        }
        assert_eq!(texts("{}"), Some([None; 6]));
    }
}
