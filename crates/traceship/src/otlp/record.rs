//! Encodes a line as a `LogRecord`, directly from its text.
//!
//! ```text
//! message LogRecord    { fixed64 time_unix_nano = 1; fixed64 observed_time_unix_nano = 11; SeverityNumber severity_number = 2;
//!                        string severity_text = 3; AnyValue body = 5; repeated KeyValue attributes = 6; fixed32 flags = 8;
//!                        bytes trace_id = 9; bytes span_id = 10; }
//! message KeyValue     { string key = 1; AnyValue value = 2; }
//! message AnyValue     { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
//!                        ArrayValue array_value = 5; KeyValueList kvlist_value = 6; }
//! message ArrayValue   { repeated AnyValue values = 1; }
//! message KeyValueList { repeated KeyValue values = 1; }
//! ```

use crate::{
    batch::Line,
    json_text::{lossy, unescaped},
    protobuf::{push_bytes, push_fixed32, push_fixed64, push_varint_field, short},
};
use log_files::{Located, TextRange, json::Scan};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::HashSet, fmt};

const BODY: u8 = 5;
const ATTRIBUTES: u8 = 6;

/// Appends a line as a record.
pub(super) fn push(out: &mut Vec<u8>, line: Line<'_>) {
    let nanos = u64::try_from(line.nanos()).unwrap_or(0);
    push_fixed64(out, 1, nanos);
    push_fixed64(out, 11, nanos);
    if let Some(stream) = line.stream() {
        short(out, ATTRIBUTES, |attribute| {
            push_bytes(attribute, 1, b"log.iostream");
            short(attribute, 2, |value| {
                push_bytes(value, 1, stream.as_bytes())
            });
        });
    }
    if !(line.is_json() && push_members(out, line)) {
        let text = lossy(line.text());
        short(out, BODY, |value| push_bytes(value, 1, text.as_bytes()));
        return;
    }
    if let Some(level) = text_of(line, |located| located.level) {
        push_varint_field(out, 2, severity(&level));
        push_bytes(out, 3, level.as_bytes());
    }
    // In Google's schema the trace is a resource name, `projects/…/traces/<id>`.
    let trace = text_of(line, |located| located.trace_id);
    let trace = trace.and_then(|id| bytes_of_hex::<16>(id.rsplit('/').next()?));
    if let Some(id) = trace {
        push_bytes(out, 9, &id);
    }
    let span = text_of(line, |located| located.span_id);
    if let Some(id) = span.and_then(|id| bytes_of_hex::<8>(&id)) {
        push_bytes(out, 10, &id);
    }
    let flags = text_of(line, |located| located.trace_flags);
    if let Some(flags) = flags.and_then(|flags| u32::from_str_radix(&flags, 16).ok()) {
        push_fixed32(out, 8, flags);
    }
}

/// Returns the service of a line.
pub(super) fn service(line: Line<'_>) -> Option<Cow<'_, str>> {
    text_of(line, |located| located.service)
}

fn text_of<'b>(
    line: Line<'b>,
    pick: impl Fn(&Located) -> Option<TextRange>,
) -> Option<Cow<'b, str>> {
    let inside = line.member(pick)?;
    match std::str::from_utf8(inside) {
        Ok(text) if !inside.contains(&b'\\') => Some(Cow::Borrowed(text)),
        _ => Some(Cow::Owned(unescaped(inside))),
    }
}

/// Appends the message as the body and all members without a field of their own as attributes. Returns whether the line is valid JSON.
/// Otherwise nothing is appended.
fn push_members(out: &mut Vec<u8>, line: Line<'_>) -> bool {
    let Ok(text) = std::str::from_utf8(line.text()) else {
        return false;
    };
    let start = out.len();
    let keys = FixedKeys::of(line);
    if members(out, text, &keys) == Ok(()) {
        return true;
    }
    out.truncate(start);
    // Attributes are unique. Of members with the same key, the last one counts.
    let unique = serde_json::from_str::<Map<String, Value>>(text);
    let text = unique.and_then(|members| serde_json::to_string(&members));
    text.is_ok_and(|text| members(out, &text, &keys) == Ok(()))
}

/// The text is not valid JSON, or has repeated keys.
#[derive(Debug, PartialEq, Eq)]
struct Unusable;

fn members(out: &mut Vec<u8>, text: &str, keys: &FixedKeys<'_>) -> Result<(), Unusable> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(Members { out, keys });
    members
        .and_then(|()| deserializer.end())
        .map_err(|_| Unusable)
}

/// The keys of a line with fields of their own in a record.
#[derive(Default)]
struct FixedKeys<'b> {
    message: Option<&'b [u8]>,
    others: [Option<&'b [u8]>; 6],
}

impl<'b> FixedKeys<'b> {
    fn of(line: Line<'b>) -> Self {
        let mut keys = Self::default();
        let (Some(located), Some(scan)) = (line.located(), Scan::new(line.text())) else {
            return keys;
        };
        let others = [
            located.time,
            located.level,
            located.service,
            located.trace_id,
            located.span_id,
            located.trace_flags,
        ];
        let starts = others.map(|range| range.map(|range| range.range().start));
        let message = located.message.map(|range| range.range().start);
        let Some(last) = starts.into_iter().chain([message]).flatten().max() else {
            return keys;
        };
        for entry in scan.take_while(|entry| entry.value.start <= last) {
            let is_here =
                |start: &Option<usize>| start.is_some_and(|start| entry.value.contains(&start));
            let key = line.text().get(entry.key.clone());
            if is_here(&message) {
                keys.message = key;
            } else if let Some(at) = starts.iter().position(is_here) {
                keys.others[at] = key;
            }
        }
        keys
    }
}

/// Appends the members of a line.
struct Members<'o, 'k> {
    out: &'o mut Vec<u8>,
    keys: &'k FixedKeys<'k>,
}

impl<'de> Visitor<'de> for Members<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut keys = UniqueKeys::default();
        while let Some(key) = map.next_key_seed(Key)? {
            keys.add(key.clone())?;
            let (out, key) = (&mut *self.out, key.as_bytes());
            if self.keys.message == Some(key) {
                let start = out.len();
                if !map.next_value_seed(AnyValue { out, field: BODY })? {
                    // The body is left out if the message is null.
                    self.out.truncate(start);
                }
            } else if self.keys.others.contains(&Some(key)) {
                map.next_value::<IgnoredAny>()?;
            } else {
                short(out, ATTRIBUTES, |out| {
                    push_bytes(out, 1, key);
                    map.next_value_seed(AnyValue { out, field: 2 })
                })?;
            }
        }
        Ok(())
    }
}

/// How many keys are compared one by one. More keys are compared by their hashes.
const FEW_KEYS: usize = 32;

/// Refuses repeated keys.
#[derive(Default)]
struct UniqueKeys<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> UniqueKeys<'de> {
    fn add<E: serde::de::Error>(&mut self, key: Cow<'de, str>) -> Result<(), E> {
        let is_new = if self.few.contains(&key) {
            false
        } else if self.few.len() < FEW_KEYS {
            self.few.push(key);
            true
        } else {
            self.many.insert(key)
        };
        match is_new {
            true => Ok(()),
            false => Err(E::custom("a key is repeated")),
        }
    }
}

/// Reads a key without copying it, unless it is escaped.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// Appends a JSON value as an `AnyValue` in a field. Returns whether it is not null. The depth of values is limited by serde_json, which
/// refuses to read more than 128 levels.
struct AnyValue<'o> {
    out: &'o mut Vec<u8>,
    field: u8,
}

impl<'de> DeserializeSeed<'de> for AnyValue<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let Self { out, field } = self;
        short(out, field, |out| {
            deserializer.deserialize_any(Contents { out })
        })
    }
}

/// Appends the contents of an `AnyValue`.
struct Contents<'o> {
    out: &'o mut Vec<u8>,
}

impl<'de> Visitor<'de> for Contents<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        push_varint_field(self.out, 2, value.into());
        Ok(true)
    }

    fn visit_i64<E>(self, value: i64) -> Result<bool, E> {
        push_varint_field(self.out, 3, value.cast_unsigned());
        Ok(true)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<bool, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            // OTLP's integers have 63 bits and a sign. A larger one becomes a string, which keeps its value.
            Err(_) => self.visit_str(itoa::Buffer::new().format(value)),
        }
    }

    fn visit_f64<E>(self, value: f64) -> Result<bool, E> {
        push_fixed64(self.out, 4, value.to_bits());
        Ok(true)
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        push_bytes(self.out, 1, text.as_bytes());
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<bool, A::Error> {
        short(self.out, 5, |out| {
            while values
                .next_element_seed(AnyValue { out, field: 1 })?
                .is_some()
            {}
            Ok(true)
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        short(self.out, 6, |out| {
            let mut keys = UniqueKeys::default();
            while let Some(key) = members.next_key_seed(Key)? {
                keys.add(key.clone())?;
                short(out, 1, |out| {
                    push_bytes(out, 1, key.as_bytes());
                    members.next_value_seed(AnyValue { out, field: 2 })
                })?;
            }
            Ok(true)
        })
    }
}

/// Returns the lowest severity number of the level's range in the
/// [data model](https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber).
fn severity(level: &str) -> u64 {
    match level.to_ascii_lowercase().as_str() {
        "trace" => 1,
        "debug" => 5,
        "info" | "notice" => 9,
        "warn" | "warning" => 13,
        "error" => 17,
        "critical" | "fatal" | "alert" | "emergency" => 21,
        _ => 0,
    }
}

fn bytes_of_hex<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let digits: &[u8] = text.as_bytes();
    if digits.len() != 2 * LENGTH {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Some(bytes)
}
