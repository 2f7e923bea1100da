use crate::key_names::KeyNames;
use memchr::memmem;
use std::{borrow::Cow, sync::LazyLock};

/// What the value of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
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
pub(super) struct Names {
    slots: Vec<(Cow<'static, str>, Slot)>,
    /// `,"log.record.uid":`, which can only follow the trace flags on a line of this schema. `None` for lines of other loggers, where it
    /// can be anywhere.
    pub(super) uid_after_flags: Option<Box<[u8]>>,
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
    pub(super) fn of<S: AsRef<str>>(names: &KeyNames<S>) -> Self {
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
    pub(super) fn any_of(schemas: &[Self]) -> Self {
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

    pub(super) fn slot(&self, key: &[u8]) -> Option<Slot> {
        let named = self.slots.iter().find(|(name, _)| name.as_bytes() == key)?;
        Some(named.1)
    }

    pub(super) fn starts_with(&self, first: &[u8], second: &[u8]) -> bool {
        self.slot(first) == Some(Slot::Time) && self.slot(second) == Some(Slot::Level)
    }

    /// Returns whether a line with all other ids has a record's id in the rest, which begins after the trace flags or later.
    pub(super) fn may_have_uid_in(&self, rest: &[u8]) -> bool {
        match &self.uid_after_flags {
            Some(member) => rest.starts_with(member),
            None => QUOTED_RECORD_UID.find(rest).is_some(),
        }
    }
}

/// Finds the key of a record's id in lines of other loggers.
static QUOTED_RECORD_UID: LazyLock<memmem::Finder<'_>> =
    LazyLock::new(|| memmem::Finder::new(b"\"log.record.uid\""));
