//! The parts of a line that show which trace it belongs to, read without the rest of the line where that is possible.

use super::{
    assemble,
    members::key_of,
    names::{self, Meaning},
    reader::Reader,
    understood::Record,
};
use crate::{id::TraceId, record::Level};
use log_files::json::Scan;
use serde_json::Value;
use std::{collections::HashMap, rc::Rc, time::Duration};

/// What a glance at a line shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Glance {
    pub(crate) trace_id: Option<TraceId>,
    pub(crate) time: Option<i64>,
    pub(crate) level: Option<Level>,
    pub(crate) duration: Option<Duration>,
    /// It can be absent though the line has it, under a name that only one logger uses.
    pub(crate) service: Option<String>,
}

/// Glances at lines. It remembers the meanings of the keys that it has seen.
#[derive(Clone, Debug)]
pub(crate) struct Glancer {
    reader: Reader,
    keys: HashMap<Box<[u8]>, Key>,
}

/// A key in the form that names have, and its meaning with its place.
#[derive(Clone, Debug)]
struct Key {
    text: Rc<str>,
    meaning: Option<(Meaning, usize)>,
}

/// A key can be part of the data, such as the id of an order. Then remembering it does not help.
const MAX_KEYS: usize = 4_096;

/// The values with each meaning that counts, with the places of their names.
#[derive(Default)]
struct Values<'l> {
    time: Option<Place<'l>>,
    level: Option<Place<'l>>,
    trace_id: Option<Place<'l>>,
    duration: Option<Place<'l>>,
    service: Option<Place<'l>>,
    /// A value is an object, or can have the trace id in another form.
    is_deep: bool,
}

struct Place<'l> {
    place: usize,
    key: Rc<str>,
    value: &'l [u8],
}

impl Glancer {
    pub(crate) fn new(reader: Reader) -> Self {
        Self {
            reader,
            keys: HashMap::new(),
        }
    }

    pub(crate) fn glance(&mut self, line: &[u8]) -> Glance {
        match self.quick(line) {
            Some(glance) => glance,
            None => Glance::of(&self.reader.read(line)),
        }
    }

    /// Reads an object that has its time, its level and a usual trace id at its top level. Returns `None` for all other lines.
    fn quick(&mut self, line: &[u8]) -> Option<Glance> {
        if !self.reader.has_known_keys_only() {
            return None;
        }
        let values = self.values(line)?;
        let level = values.level?;
        let time = values.time?;
        let trace_id = match values.trace_id {
            Some(id) => Some(usual_id(id.value)?),
            None if values.is_deep => return None,
            None => None,
        };
        let duration = match values.duration {
            Some(found) => Some(assemble::duration(&found.key, &found.value()?, None)?),
            None => None,
        };
        let service = match values.service {
            Some(found) => Some(found.value()?.as_str()?.to_owned()),
            None => None,
        };
        Some(Glance {
            trace_id,
            time: Some(self.reader.time(&time.value()?)?),
            level: Some(assemble::level(&level.key, &level.value()?)?),
            duration,
            service,
        })
    }

    fn values<'l>(&mut self, line: &'l [u8]) -> Option<Values<'l>> {
        let mut values = Values::default();
        let mut scan = Scan::new(line)?;
        while let Some(entry) = scan.try_next().ok()? {
            let key = line.get(entry.key)?;
            let value = line.get(entry.value)?;
            // Agents store whole lines under these.
            if matches!(key, b"log" | b"line") {
                return None;
            }
            values.is_deep |= value.first() == Some(&b'{');
            let known = self.key(key);
            let Some((meaning, place)) = known.meaning else {
                continue;
            };
            let best = match meaning {
                Meaning::Time => &mut values.time,
                Meaning::Level => &mut values.level,
                Meaning::TraceId => &mut values.trace_id,
                Meaning::Duration => &mut values.duration,
                Meaning::Service => &mut values.service,
                Meaning::Traceparent => {
                    values.is_deep = true;
                    continue;
                }
                _ => continue,
            };
            if best.as_ref().is_none_or(|best| place < best.place) {
                let key = Rc::clone(&known.text);
                *best = Some(Place { place, key, value });
            }
        }
        scan.is_complete().then_some(values)
    }

    fn key(&mut self, name: &[u8]) -> Key {
        if let Some(known) = self.keys.get(name) {
            return known.clone();
        }
        let text = key_of(&String::from_utf8_lossy(name));
        let key = Key {
            meaning: names::meaning(&text),
            text: text.into(),
        };
        if self.keys.len() < MAX_KEYS {
            self.keys.insert(name.into(), key.clone());
        }
        key
    }
}

impl Place<'_> {
    fn value(&self) -> Option<Value> {
        serde_json::from_slice(self.value).ok()
    }
}

impl Glance {
    fn of(record: &Record) -> Self {
        Self {
            trace_id: record.trace_id.as_deref().and_then(TraceId::from_hex),
            time: record.time,
            level: record.level,
            duration: record.duration,
            service: record.service.clone(),
        }
    }
}

/// Parses an id of 32 hexadecimal digits in quotes.
fn usual_id(value: &[u8]) -> Option<TraceId> {
    let digits = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let is_usual = digits.len() == 32;
    is_usual.then(|| TraceId::from_hex(str::from_utf8(digits).ok()?))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    fn lines_of_all_samples() -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loggers/samples");
        let files = fs::read_dir(folder).expect("the folder is there");
        let files = files.map(|file| fs::read(file.expect("an entry").path()).expect("readable"));
        let lines = files.flat_map(|file| {
            let lines = file.split(|byte| *byte == b'\n');
            lines.map(<[u8]>::to_vec).collect::<Vec<_>>()
        });
        lines.collect()
    }

    #[test]
    fn a_glance_shows_the_same_as_reading_the_whole_line() {
        let reader = Reader::new().with_offset(0);
        let mut glancer = Glancer::new(reader.clone());
        let mut quick = 0;
        for line in lines_of_all_samples() {
            let expected = Glance::of(&reader.read(&line));
            quick += usize::from(glancer.quick(&line).is_some());
            let text = String::from_utf8_lossy(&line);
            let mut found = glancer.glance(&line);
            found.service = found.service.or(expected.service.clone());
            assert_eq!(found, expected, "{text}");
        }
        assert!(quick > 100, "only {quick} lines were read quickly");
    }

    #[test]
    fn a_line_with_an_unusual_id_or_with_objects_is_read_as_a_whole() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let start = r#""time":"2026-11-29T16:00:00Z","level":"error""#;
        for rest in [
            format!(r#""mdc":{{"trace_id":"{id}"}}"#),
            format!(r#""traceparent":"00-{id}-00f067aa0ba902b7-01""#),
            format!(r#""trace":"projects/shop/traces/{id}""#),
            r#""trace_id":"","trace":"4bf92f3577b34da6a3ce929d0e0e4736""#.to_owned(),
        ] {
            let line = format!("{{{start},{rest}}}");
            let mut glancer = Glancer::new(Reader::new());
            assert_eq!(glancer.quick(line.as_bytes()), None, "{line}");
            let found = glancer.glance(line.as_bytes());
            assert_eq!(found.trace_id, TraceId::from_hex(id), "{line}");
        }
    }
}
