use super::members::{Members, key_of};
use std::{collections::HashMap, sync::Arc};

/// A part of a record that a key can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The trace id.
    TraceId,
    /// The span id.
    SpanId,
    /// The id of the parent span.
    ParentSpanId,
    /// The time.
    Time,
    /// The level.
    Level,
    /// The message.
    Message,
    /// The name of the service.
    Service,
    /// The name of the span.
    SpanName,
    /// A duration in seconds.
    Seconds,
    /// A duration in milliseconds.
    Milliseconds,
    /// A duration in microseconds.
    Microseconds,
    /// A duration in nanoseconds.
    Nanoseconds,
}

/// Further keys of a logger, beside those that are known.
///
/// ```
/// use tracegrep::{Keys, Part, Reader};
///
/// let keys = Keys::new().with(Part::TraceId, "ctx.flow").with(Part::Message, "what");
/// let line = br#"{"level":"info","what":"ready","ctx":{"flow":"4bf92f3577b34da6a3ce929d0e0e4736"}}"#;
/// let record = Reader::new().with_keys(keys).read(line);
/// assert_eq!(record.message.as_deref(), Some("ready"));
/// assert_eq!(record.trace_id.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Keys(Arc<HashMap<String, Part>>);

impl Part {
    /// All parts, with their names in a configuration.
    pub const ALL: [(&str, Self); 12] = [
        ("trace_id", Self::TraceId),
        ("span_id", Self::SpanId),
        ("parent_span_id", Self::ParentSpanId),
        ("time", Self::Time),
        ("level", Self::Level),
        ("message", Self::Message),
        ("service", Self::Service),
        ("span_name", Self::SpanName),
        ("duration_s", Self::Seconds),
        ("duration_ms", Self::Milliseconds),
        ("duration_us", Self::Microseconds),
        ("duration_ns", Self::Nanoseconds),
    ];

    /// The known key that counts first, as [`key_of`] writes it.
    fn known_key(self) -> &'static str {
        match self {
            Self::TraceId => "traceid",
            Self::SpanId => "spanid",
            Self::ParentSpanId => "parentspanid",
            Self::Time => "@timestamp",
            Self::Level => "level",
            Self::Message => "message",
            Self::Service => "service.name",
            Self::SpanName => "spanname",
            Self::Seconds => "durations",
            Self::Milliseconds => "durationms",
            Self::Microseconds => "durationus",
            Self::Nanoseconds => "durationns",
        }
    }
}

impl Keys {
    /// No further keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key. The names of nested objects are joined with dots. Neither case nor `_` and `-` count. On a line with this key, it comes
    /// before the known keys.
    #[must_use]
    pub fn with(mut self, part: Part, key: &str) -> Self {
        Arc::make_mut(&mut self.0).insert(key_of(key), part);
        self
    }

    /// Whether there are no further keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives the members with these keys the known ones.
    pub(super) fn apply(&self, members: &mut Members) {
        let given = |key: &str| self.0.get(key).map(|part| part.known_key());
        let known: Vec<&str> = members
            .iter()
            .filter_map(|member| given(&member.key))
            .collect();
        if known.is_empty() {
            return;
        }
        for member in members.iter_mut() {
            match given(&member.key) {
                Some(key) => key.clone_into(&mut member.key),
                // It is a field like any other.
                None if known.contains(&&*member.key) => member.key.clear(),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::reader::Reader, *};

    #[test]
    fn a_further_key_comes_before_the_known_ones_where_it_is() {
        let keys = Keys::new()
            .with(Part::Level, "sev")
            .with(Part::Milliseconds, "spent")
            .with(Part::TraceId, "my_trace");
        let reader = Reader::new().with_keys(keys);
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let other = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let line = format!(
            r#"{{"level":"info","sev":"error","trace_id":"{other}","myTrace":"{id}","spent":5}}"#
        );
        let record = reader.read(line.as_bytes());
        assert_eq!(record.trace_id.as_deref(), Some(id));
        assert!(record.is_error());
        assert_eq!(record.duration.map(|spent| spent.as_millis()), Some(5));
        let names: Vec<&str> = record.fields.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["level", "trace_id"]);
        let line = format!(r#"{{"level":"error","trace_id":"{other}"}}"#);
        let record = reader.read(line.as_bytes());
        assert_eq!(record.trace_id.as_deref(), Some(other));
        assert!(record.is_error());
    }

    #[test]
    fn further_keys_are_found_in_text_and_in_stored_lines() {
        let keys = Keys::new()
            .with(Part::TraceId, "flow")
            .with(Part::Message, "what");
        let reader = Reader::new().with_keys(keys);
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        for line in [
            format!("flow={id} what=ready"),
            format!(r#"2026-11-29T16:00:00Z stdout F {{"what":"ready","flow":"{id}"}}"#),
        ] {
            let record = reader.read(line.as_bytes());
            assert_eq!(record.trace_id.as_deref(), Some(id), "{line}");
            assert_eq!(record.message.as_deref(), Some("ready"), "{line}");
        }
    }
}
