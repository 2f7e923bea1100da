//! The fields of an event or a span in the form of a slog record.

use crate::{json::Captured, site, trace_context::TraceContext};
use slog::{BytesKind, KV, Key, Record, Serializer};
use std::{collections::HashSet, error::Error, fmt};
use tracing_core::{
    Metadata,
    field::{Field, Visit},
};

/// Fields in order, and the message of an event.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordFields {
    pub(super) message: String,
    pub(super) fields: Vec<(&'static str, Captured)>,
}

impl RecordFields {
    /// Collects the fields that `record` visits. Runs user code.
    pub(super) fn of(
        metadata: &'static Metadata<'static>,
        record: impl FnOnce(&mut dyn Visit),
    ) -> Self {
        let mut collector = Collector {
            has_message: metadata.is_event(),
            json_fields: site::of(metadata).map_or(0, |_| site::json_fields()),
            fields: Self::default(),
        };
        record(&mut collector);
        collector.fields
    }

    /// Adds fields recorded later. The last value of each name stays.
    pub(super) fn record(&mut self, later: Self) {
        self.fields
            .retain(|(name, _)| later.fields.iter().all(|(other, _)| other != name));
        self.fields.extend(later.fields);
    }
}

/// A visitor that collects fields.
struct Collector {
    /// Whether a field called `message` is the message.
    has_message: bool,
    json_fields: u64,
    fields: RecordFields,
}

impl Collector {
    fn put(&mut self, field: &Field, value: Captured) {
        self.fields.fields.push((field.name(), value));
    }
}

impl Visit for Collector {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Captured::F64(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Captured::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Captured::U64(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(field, Captured::I128(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field, Captured::U128(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Captured::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if self.has_message && field.name() == "message" {
            value.clone_into(&mut self.fields.message);
        } else {
            self.put(field, Captured::Text(value.to_owned()));
        }
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        self.put(field, Captured::Bytes(value.to_owned()));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put(field, Captured::error(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if self.has_message && field.name() == "message" {
            self.fields.message = text;
        } else if self.json_fields >> (field.index() & 63) & 1 == 1 {
            self.put(field, Captured::Json(text));
        } else {
            self.put(field, Captured::Text(text));
        }
    }
}

/// The key-values of a slog record: the fields of the spans from the root to the leaf, then the event's, then the ids. If several fields
/// have the same name, the last one is written.
pub(super) struct KeyValues {
    pub(super) fields: Vec<(&'static str, Captured)>,
    pub(super) context: Option<TraceContext>,
}

const IDS: [&str; 3] = ["trace_id", "span_id", "trace_flags"];

impl KV for KeyValues {
    /// Passes the fields in reverse order, as slog does.
    fn serialize(&self, record: &Record<'_>, serializer: &mut dyn Serializer) -> slog::Result {
        let mut seen: HashSet<&str> = HashSet::new();
        for (name, value) in self.fields.iter().rev() {
            if *value != Captured::Nothing && seen.insert(name) {
                if self.context.is_some() && IDS.contains(name) {
                    emit(value, renamed(name), serializer)?;
                } else {
                    emit(value, Key::from(*name), serializer)?;
                }
            }
        }
        match self.context {
            Some(context) => super::trace_id_drain::Ids(context).serialize(record, serializer),
            None => Ok(()),
        }
    }
}

/// Returns the key for a field that has the name of an id.
fn renamed(name: &str) -> Key {
    Key::from(match name {
        "trace_id" => "field.trace_id",
        "span_id" => "field.span_id",
        _ => "field.trace_flags",
    })
}

fn emit(value: &Captured, key: Key, serializer: &mut dyn Serializer) -> slog::Result {
    match value {
        Captured::Nothing => serializer.emit_none(key),
        Captured::Bool(value) => serializer.emit_bool(key, *value),
        Captured::I64(value) => serializer.emit_i64(key, *value),
        Captured::U64(value) => serializer.emit_u64(key, *value),
        Captured::I128(value) => serializer.emit_i128(key, *value),
        Captured::U128(value) => serializer.emit_u128(key, *value),
        Captured::F64(value) => serializer.emit_f64(key, *value),
        Captured::Text(value) => serializer.emit_str(key, value),
        Captured::Bytes(value) => serializer.emit_bytes(key, value, BytesKind::Stream),
        Captured::Error(value) => serializer.emit_error(key, &**value),
        Captured::Json(json) => match serde_json::from_str(json) {
            Ok(value) => serializer.emit_serde(key, &slog::Serde::<serde_json::Value>(value)),
            Err(_) => serializer.emit_str(key, json),
        },
    }
}
