use super::{
    failure::FailureFields, held_trace::HeldTrace, line::TraceKey, settings::Hold, store::HoldStore,
};
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};
use tracing_core::Metadata;

const ERROR: u8 = 1;
const OK: u8 = 2;

/// What a layer that holds lines remembers about a span.
pub(crate) struct SpanHold {
    /// `None` if no duration releases.
    started: Option<Instant>,
    /// No span is around it, so it is a local root once it has a trace.
    is_top: bool,
    /// A field names the type of an error, or a panic has left the span.
    has_failed: AtomicBool,
    /// The last status of the HTTP response is 500 or more.
    is_http_error: AtomicBool,
    /// What the field for the span's status has said: see [`ERROR`] and [`OK`].
    status: AtomicU8,
    /// The span was entered while the thread was panicking, as by a destructor, so leaving it then means nothing.
    was_entered_in_panic: AtomicBool,
    /// The mark of the trace whose local root was looked for last, or zero.
    noted: AtomicU64,
    /// The trace whose local root this is, once that is known.
    root: OnceLock<(TraceKey, Arc<HeldTrace>)>,
}

impl SpanHold {
    pub(crate) fn new(hold: &Hold, is_top: bool, fields: FailureFields) -> Self {
        let new = Self {
            started: hold.slow_after.map(|_| Instant::now()),
            is_top,
            has_failed: AtomicBool::new(false),
            is_http_error: AtomicBool::new(false),
            status: AtomicU8::new(0),
            was_entered_in_panic: AtomicBool::new(false),
            noted: AtomicU64::new(0),
            root: OnceLock::new(),
        };
        new.note(fields);
        new
    }

    /// Notes what fields of the span say. The last status of the response counts, and as in OpenTelemetry, the status ok is final.
    pub(crate) fn note(&self, fields: FailureFields) {
        if fields.has_error_type {
            self.has_failed.store(true, Relaxed);
        }
        if let Some(is_error) = fields.is_http_error {
            self.is_http_error.store(is_error, Relaxed);
        }
        if let Some(is_error) = fields.is_error {
            self.status
                .fetch_max(if is_error { ERROR } else { OK }, Relaxed);
        }
    }

    pub(crate) fn note_entered_in_panic(&self) {
        self.was_entered_in_panic.store(true, Relaxed);
    }

    /// A panic leaves the span.
    pub(crate) fn note_panic(&self) {
        if !self.was_entered_in_panic.load(Relaxed) {
            self.has_failed.store(true, Relaxed);
        }
    }

    /// Whether the span is a local root as soon as it has a trace, and is none yet.
    pub(crate) fn awaits_trace(&self) -> bool {
        self.is_top && !self.is_root()
    }

    /// Whether the local root around this span was looked for already, in this trace. From now on it was.
    #[inline]
    pub(crate) fn has_noted_root_of(&self, [upper, lower]: TraceKey) -> bool {
        // Never zero, although the id can have zeros.
        let mark = (upper ^ lower.rotate_left(1)) | 1;
        let has = self.noted.load(Relaxed) == mark;
        if !has {
            self.noted.store(mark, Relaxed);
        }
        has
    }

    pub(crate) fn is_root(&self) -> bool {
        self.root.get().is_some()
    }

    /// The trace whose local root this is.
    pub(crate) fn trace(&self) -> Option<TraceKey> {
        self.root.get().map(|(trace, _)| *trace)
    }

    /// The span is the local root of a trace.
    pub(crate) fn begin_root(&self, store: &HoldStore, key: TraceKey) {
        self.root.get_or_init(|| (key, store.add_root(key)));
    }

    /// Ends the root, if the span is one.
    pub(crate) fn end_root(&self, store: &HoldStore) {
        if let Some((key, trace)) = self.root.get() {
            store.end_root(*key, trace);
        }
    }

    /// Whether the end of the span releases its trace. `has_failed` is set if something else than its fields says that its work has.
    pub(crate) fn releases(&self, hold: &Hold, metadata: &Metadata<'_>, has_failed: bool) -> bool {
        let is_slow = || match (hold.slow_after, self.started) {
            (Some(most), Some(started)) => started.elapsed() > most,
            _ => false,
        };
        hold.is_released_by_span(metadata, self.is_root())
            && (has_failed || self.has_failed() || is_slow())
    }
}

impl SpanHold {
    fn has_failed(&self) -> bool {
        self.has_failed.load(Relaxed)
            || self.is_http_error.load(Relaxed)
            || self.status.load(Relaxed) == ERROR
    }
}

impl std::fmt::Debug for SpanHold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpanHold").finish_non_exhaustive()
    }
}
