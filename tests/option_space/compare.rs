//! Compares a line with its expected contents.

use super::{case::Which, model::Model, support::Line};
use serde_json::Value;
use std::collections::BTreeMap;
use tracing::Level;
use tracing_stamp::{FixedKey, SpanFields};

/// The expected contents of a line.
pub(crate) struct Expected<'a> {
    pub(crate) message: String,
    pub(crate) level: Level,
    pub(crate) target: &'a str,
    pub(crate) leaf: Option<usize>,
    pub(crate) is_life: bool,
    pub(crate) is_recorded: bool,
    /// Whether the ids can be predicted. The ids on lines of a span's life are tested elsewhere.
    pub(crate) knows_ids: bool,
    pub(crate) has_ids: bool,
    pub(crate) user: BTreeMap<String, Value>,
}

impl Model<'_> {
    /// Asserts that a line has the expected contents.
    pub(crate) fn check(&self, line: &Line, expected: &Expected<'_>) {
        let options = &self.case.options;
        let is_ecs = options.schema == Which::Ecs;
        let is_gcp = options.schema == Which::Gcp;
        let has_span =
            expected.leaf.is_some() && (options.span_fields != SpanFields::Off || expected.is_life);
        let has_file = if is_gcp {
            options.file || options.line_number
        } else {
            options.file
        };
        let is_closing = expected.is_life && expected.message == "close";
        let fixed: Vec<(&str, bool)> = [
            (FixedKey::Timestamp, true),
            (FixedKey::Level, true),
            (FixedKey::Message, true),
        ]
        .map(|(key, on)| (self.schema.name(key), on))
        .into_iter()
        .chain([("ecs.version", is_ecs)])
        .chain([(self.schema.name(FixedKey::Target), options.target)])
        .chain(self.ids().map(|key| (key, expected.has_ids)))
        .chain([(self.schema.name(FixedKey::RecordUid), options.record_uid)])
        .collect();
        let behind: Vec<(&str, bool)> = [
            (FixedKey::File, has_file),
            (FixedKey::Line, options.line_number && !is_gcp),
            (FixedKey::ThreadId, options.thread_ids),
            (FixedKey::ThreadName, options.thread_names),
            (FixedKey::SpanName, has_span),
            (
                FixedKey::Spans,
                expected.leaf.is_some() && options.span_fields == SpanFields::List,
            ),
            (
                FixedKey::ParentSpanId,
                is_closing && line.has(self.schema.name(FixedKey::ParentSpanId)),
            ),
            (FixedKey::StartTime, is_closing),
            (FixedKey::Duration, is_closing),
            (FixedKey::BusyMs, is_closing),
            (FixedKey::IdleMs, is_closing),
        ]
        .map(|(key, on)| (self.schema.name(key), on))
        .into();
        let (fixed, behind) = (written(&fixed), written(&behind));

        let keys: Vec<&str> = if expected.knows_ids {
            line.keys()
        } else {
            line.keys()
                .into_iter()
                .filter(|key| !self.ids().any(|id| id == *key))
                .collect()
        };
        let fixed: Vec<&str> = fixed
            .into_iter()
            .filter(|key| expected.knows_ids || !self.ids().any(|id| id == *key))
            .collect();
        let (first, rest) = keys
            .split_at_checked(fixed.len())
            .expect("the line has the fixed keys");
        assert_eq!(first, fixed);
        let (resource, rest) = rest
            .split_at_checked(self.resource.len())
            .expect("the line has the resource");
        let resource: BTreeMap<String, Value> = resource
            .iter()
            .map(|key| ((*key).to_owned(), line.get(key).clone()))
            .collect();
        assert_eq!(resource, self.resource, "the resource");
        let (second, user) = rest
            .split_at_checked(behind.len())
            .expect("the line has the keys after the resource");
        assert_eq!(second, behind);
        let user: BTreeMap<String, Value> = user
            .iter()
            .map(|key| ((*key).to_owned(), line.get(key).clone()))
            .collect();
        assert_eq!(user, expected.user, "the user's fields");

        let value = |key| line.get(self.schema.name(key));
        assert_eq!(value(FixedKey::Message), &expected.message);
        assert_eq!(value(FixedKey::Level), &self.level(expected.level));
        if options.target {
            assert_eq!(value(FixedKey::Target), expected.target);
        }
        if let (Some(leaf), true) = (expected.leaf, has_span) {
            assert_eq!(value(FixedKey::SpanName), &self.case.spans[leaf].name);
        }
        if let (Some(leaf), SpanFields::List) = (expected.leaf, options.span_fields) {
            assert_eq!(
                *value(FixedKey::Spans),
                self.list(leaf, expected.is_recorded)
            );
        }
        if options.thread_names {
            assert_eq!(
                value(FixedKey::ThreadName).as_str(),
                std::thread::current().name()
            );
        }
        if expected.knows_ids && expected.has_ids {
            let trace = value(FixedKey::TraceId).as_str().expect("a string");
            assert!(trace.ends_with("00000000000000000000000000000abc"));
            assert_eq!(value(FixedKey::SpanId), "0000000000000def");
        }
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        let keys = [FixedKey::TraceId, FixedKey::SpanId, FixedKey::TraceFlags];
        keys.into_iter().map(|key| self.schema.name(key))
    }

    fn level(&self, level: Level) -> String {
        match (self.case.options.schema, level) {
            (Which::Gcp, Level::TRACE) => "DEBUG".into(),
            (Which::Gcp, Level::WARN) => "WARNING".into(),
            _ => level.to_string(),
        }
    }
}

/// Returns the keys that are enabled.
fn written<'a>(keys: &[(&'a str, bool)]) -> Vec<&'a str> {
    keys.iter()
        .filter(|(_, on)| *on)
        .map(|(key, _)| *key)
        .collect()
}
