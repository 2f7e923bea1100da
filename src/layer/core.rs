//! What a layer's hooks share, whatever its writer.

use super::{
    callsite::Callsites,
    resource,
    settings::{Settings, SpanFields},
};
use crate::{
    json::{Members, Reserved, Rules, push_string},
    schema::{FixedKey, IdKeys},
};
use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
};
use tracing_core::dispatcher::WeakDispatch;

pub(super) struct Core {
    /// Tells apart the layers of a process, in thread-locals and in the extensions of spans.
    pub(super) id: u64,
    pub(super) settings: Settings,
    prepared: OnceLock<Prepared>,
    pub(super) callsites: Callsites,
    /// The dispatch that this layer is told it is part of.
    pub(super) registered: OnceLock<WeakDispatch>,
    /// The dispatch that it is part of, as soon as it is needed.
    pub(super) dispatch: OnceLock<WeakDispatch>,
    /// OpenTelemetry's layer is known to activate contexts: see [`learn`](super::learn).
    pub(super) activates: AtomicBool,
    /// It has answered for a span.
    pub(super) answers: AtomicBool,
    /// It is known to stand before this layer: a span that is entered here has its ids already.
    pub(super) stands_after: AtomicBool,
    /// How many spans looked like that.
    pub(super) seemed_after: AtomicUsize,
    /// It is known to stand after this layer.
    pub(super) stands_before: AtomicBool,
    /// It reports which ids each span has: see [`otel_layer`](super::otel_layer).
    pub(super) told: AtomicBool,
}

/// What follows from the settings, made at the first use.
pub(super) struct Prepared {
    /// `{"timestamp":"`
    pub(super) start: Box<[u8]>,
    pub(super) resource: Members,
    pub(super) reserved: Reserved,
    /// Within an object of the list of spans.
    list_reserved: Reserved,
    pub(super) ids: IdKeys,
    pub(super) rules: Rules,
    pub(super) thread_id: Box<[u8]>,
    pub(super) thread_name: Box<[u8]>,
    pub(super) spans: Box<[u8]>,
    /// `,"truncated":true`
    pub(super) truncated: Box<[u8]>,
    pub(super) closing: ClosingKeys,
}

/// The keys of closing lines, rendered.
pub(super) struct ClosingKeys {
    pub(super) parent: Box<[u8]>,
    pub(super) start: Box<[u8]>,
    pub(super) duration: Box<[u8]>,
    pub(super) busy: Box<[u8]>,
    pub(super) idle: Box<[u8]>,
}

impl Core {
    pub(super) fn new(settings: Settings) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT_ID.fetch_add(1, Relaxed),
            settings,
            prepared: OnceLock::new(),
            callsites: Callsites::default(),
            registered: OnceLock::new(),
            dispatch: OnceLock::new(),
            activates: AtomicBool::new(false),
            answers: AtomicBool::new(false),
            stands_after: AtomicBool::new(false),
            seemed_after: AtomicUsize::new(0),
            stands_before: AtomicBool::new(false),
            told: AtomicBool::new(false),
        }
    }

    #[inline]
    pub(super) fn prepared(&self) -> &Prepared {
        self.prepared.get_or_init(|| Prepared::new(&self.settings))
    }

    /// The names that a span's own fields cannot take.
    pub(super) fn span_reserved(&self) -> &Reserved {
        match self.settings.span_fields {
            SpanFields::Flatten | SpanFields::Off => &self.prepared().reserved,
            SpanFields::List => &self.prepared().list_reserved,
        }
    }
}

impl Prepared {
    fn new(settings: &Settings) -> Self {
        let schema = &settings.schema;
        let rules = Rules {
            non_finite: schema.non_finite,
            sources_suffix: schema.sources_suffix,
            limit: settings.max_line_bytes,
        };
        let resource = resource::members(&settings.resource, schema, &rules);
        let reserved = schema.fields_reserved().and_keys(resource.keys());
        let key = |key: FixedKey| {
            let mut out = b",".to_vec();
            push_string(&mut out, schema.name(key));
            out.push(b':');
            out
        };
        let mut start = b"{".to_vec();
        start.extend_from_slice(&key(FixedKey::Timestamp)[1..]);
        start.push(b'"');
        Self {
            start: start.into(),
            resource,
            reserved,
            list_reserved: schema.reserve(["name"]),
            ids: schema.id_keys(),
            rules,
            thread_id: key(FixedKey::ThreadId).into(),
            thread_name: key(FixedKey::ThreadName).into(),
            spans: key(FixedKey::Spans).into(),
            truncated: [&*key(FixedKey::Truncated), b"true"].concat().into(),
            closing: ClosingKeys {
                parent: key(FixedKey::ParentSpanId).into(),
                start: key(FixedKey::StartTime).into(),
                duration: key(FixedKey::Duration).into(),
                busy: key(FixedKey::BusyMs).into(),
                idle: key(FixedKey::IdleMs).into(),
            },
        }
    }
}
