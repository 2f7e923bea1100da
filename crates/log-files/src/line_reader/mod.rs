//! Finds the fixed keys in finished lines. This is the only place that knows which names they can have.

mod layout;
mod located;
mod locator;
mod names;
mod text_range;

pub use self::{located::Located, locator::LineLocator, text_range::TextRange};

use self::{
    located::scalar,
    names::{Names, Slot},
};
use crate::{
    json::Scan,
    key_names::{DATADOG, ECS, GCP, KeyNames, OTEL},
    time::parse_time,
};
use std::ops::Range;

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
        self.search(line, |_, _, _| ())
    }

    /// Searches a line. If all values of interest are found before its end, calls `note` with them, the end of the last one, and the index
    /// of the line's schema.
    fn search(
        &self,
        line: &[u8],
        note: impl FnOnce(&mut Located, usize, usize),
    ) -> Option<Located> {
        let mut located = Located::default();
        let mut scan = Scan::new(line)?;
        // The meaning of the first key depends on the second.
        let first = scan.try_next().ok()?;
        let Some(first) = first else {
            return Some(located);
        };
        let second = scan.try_next().ok()?;
        let key = |range: &Range<usize>| line.get(range.clone()).unwrap_or_default();
        let schema = second.as_ref().and_then(|second| {
            let is_it = |names: &Names| names.starts_with(key(&first.key), key(&second.key));
            self.schemas.iter().position(is_it)
        });
        let names = schema.map_or(&self.any, |schema| &self.schemas[schema]);
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
                            && !is_time(line, *before)
                            && value.is_some_and(|value| is_time(line, value))
                    }
                };
                if is_better {
                    *place = value;
                    if located.is_complete(names, &line[entry.value.end..]) {
                        if let Some(schema) = schema {
                            note(&mut located, entry.value.end, schema);
                        }
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

/// Whether a value is a time.
fn is_time(line: &[u8], value: TextRange) -> bool {
    parse_time(value.of(line)).is_some()
}

/// Returns the value of a top-level member, in the form that [`Located`] describes.
pub fn member<'l>(line: &'l [u8], wanted: &str) -> Option<&'l [u8]> {
    let found =
        Scan::new(line)?.find(|entry| line.get(entry.key.clone()) == Some(wanted.as_bytes()));
    Some(scalar(line, &found?.value)?.of(line))
}

/// Returns the key of the top-level member that contains this range of a value.
#[must_use]
pub fn key_of(line: &[u8], value: TextRange) -> Option<&[u8]> {
    let found = Scan::new(line)?.find(|entry| value.range().start < entry.value.end)?;
    (found.value.start <= value.range().start).then(|| line.get(found.key))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(range: TextRange, line: &str) -> &str {
        &line[range.range()]
    }

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
        Some(all.map(|range| range.map(|range| text_of(range, line))))
    }

    fn record_uid<'l>(reader: &LineReader, line: &'l str) -> Option<&'l str> {
        let found = reader.locate(line.as_bytes()).expect("an object");
        found.record_uid.map(|range| text_of(range, line))
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
            let value = TextRange::new(start..start + 1).expect("it is not at the start");
            let found = key_of(line.as_bytes(), value);
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
        assert_eq!(
            located.message.map(|range| text_of(range, line)),
            Some("hello")
        );
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
