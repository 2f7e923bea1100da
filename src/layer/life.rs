//! The lines of a span's life: when they are due, and what a closing line says.

use super::{
    core::{ClosingKeys, Core},
    identity::Known,
    settings::LifeLines,
    span_state::SpanState,
};
use crate::{
    json::{Clock, NonFinite, Precision, push_f64, push_hex, push_u64},
    schema::DurationUnit,
    trace_context::TraceContext,
};
use opentelemetry::trace::SpanId;
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// The times of a span, and the lines that wait for its ids.
#[derive(Debug)]
pub(super) struct Life {
    began: Instant,
    pub(super) start: SystemTime,
    times: Mutex<Times>,
    /// Lines that wait until the span has its ids.
    waiting: Mutex<Waiting>,
    is_waiting: AtomicBool,
}

#[derive(Debug)]
struct Times {
    since: Instant,
    entered: usize,
    busy: Duration,
    idle: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) new: bool,
    /// When the span was entered: more than once where other threads, or the span itself, enter it meanwhile.
    pub(super) enters: Vec<SystemTime>,
}

/// In the extensions of a span whose life has no lines, since a filter wants none.
#[cfg_attr(
    not(feature = "setup"),
    allow(dead_code, reason = "only the filter of `init` inserts it")
)]
pub(crate) struct NoLifeLines;

impl Core {
    /// Which lines of the life of a span that begins are written.
    #[inline]
    pub(super) fn life_of<'a, R>(&self, span: &SpanRef<'a, R>) -> LifeLines
    where
        R: LookupSpan<'a>,
    {
        let lines = self.settings.life;
        if lines.any() && span.extensions().get::<NoLifeLines>().is_some() {
            LifeLines::default()
        } else {
            lines
        }
    }
}

impl Life {
    /// The beginning of a span, if any line of its life is written.
    pub(super) fn begin(lines: LifeLines) -> Option<Box<Self>> {
        lines.any().then(|| {
            let began = Instant::now();
            Box::new(Self {
                began,
                start: SystemTime::now(),
                times: Mutex::new(Times {
                    since: began,
                    entered: 0,
                    busy: Duration::ZERO,
                    idle: Duration::ZERO,
                }),
                waiting: Mutex::new(Waiting {
                    new: lines.new,
                    enters: Vec::new(),
                }),
                is_waiting: AtomicBool::new(lines.new),
            })
        })
    }

    pub(super) fn enter(&self, lines: LifeLines) {
        self.times().enter(Instant::now());
        if lines.enter {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.enters.push(SystemTime::now());
            self.is_waiting.store(true, Ordering::Release);
        }
    }

    pub(super) fn exit(&self) {
        self.times().exit(Instant::now());
    }

    #[inline]
    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting.load(Ordering::Acquire)
    }

    /// The lines that wait, which from now on are the caller's.
    pub(super) fn take_waiting(&self) -> Waiting {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_waiting.store(false, Ordering::Release);
        std::mem::take(&mut waiting)
    }

    /// The id of the span's parent as OpenTelemetry has it, where that is known and of the same trace. `set_parent` shows
    /// nowhere, so only what the tracer reports is known; a custom source has no `set_parent`.
    fn parent_span_id(&self, span: &SpanState, own: &TraceContext) -> Option<SpanId> {
        if !span.identity.trusts_what_it_sees() {
            return span.identity.parent().map(SpanId::from);
        }
        let parent = match span.named_parent() {
            Some(parent) => parent.identity.context()?,
            None => span.made_in?,
        };
        let is_it = parent.trace_id() == own.trace_id() && parent.span_id() != own.span_id();
        is_it.then(|| parent.span_id())
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    fn enter(&mut self, now: Instant) {
        if self.entered == 0 {
            self.idle += now.saturating_duration_since(self.since);
            self.since = now;
        }
        self.entered += 1;
    }

    fn exit(&mut self, now: Instant) {
        self.entered = self.entered.saturating_sub(1);
        if self.entered == 0 {
            self.busy += now.saturating_duration_since(self.since);
            self.since = now;
        }
    }
}

impl SpanState {
    /// The ids of lines in this span's life, but for the closing one: those of the lines in its body.
    pub(super) fn body_context(&self) -> Option<TraceContext> {
        self.identity
            .context()
            .or_else(|| self.identity.known_around())
            .or_else(|| self.context())
    }
}

/// What a closing line says beyond the span's fields.
pub(super) struct Closing {
    pub(super) context: Option<TraceContext>,
    /// Whether the context is the span's own, and not that of what is around it.
    pub(super) is_own: bool,
    parent: Option<SpanId>,
    start: SystemTime,
    total: Duration,
    busy: Duration,
    idle: Duration,
}

impl Closing {
    pub(super) fn of(span: &SpanState, life: &Life) -> Self {
        let now = Instant::now();
        let times = life.times();
        let (context, is_own, parent) = match span.identity.known() {
            Known::Seen(own) | Known::Own(own) => {
                (Some(own), true, life.parent_span_id(span, &own))
            }
            // What is around it is what its lines belonged to, and so its parent in that trace.
            Known::Hidden => {
                let around = span.body_context();
                (around, false, around.map(|around| around.span_id()))
            }
            Known::Nothing => {
                let around = span.body_context();
                let is_parent = span.identity.trusts_what_it_sees();
                let parent = around.filter(|_| is_parent);
                (around, false, parent.map(|around| around.span_id()))
            }
        };
        Self {
            context,
            is_own,
            parent,
            start: life.start,
            total: now.saturating_duration_since(life.began),
            busy: times.busy,
            // Since it was left for the last time.
            idle: times.idle + now.saturating_duration_since(times.since),
        }
    }

    pub(super) fn push(
        &self,
        out: &mut Vec<u8>,
        keys: &ClosingKeys,
        unit: DurationUnit,
        clock: &mut Clock,
        precision: Precision,
    ) {
        if let Some(parent) = self.parent {
            out.extend_from_slice(&keys.parent);
            out.push(b'"');
            push_hex(out, parent.to_bytes());
            out.push(b'"');
        }
        out.extend_from_slice(&keys.start);
        out.push(b'"');
        clock.push(out, self.start, precision);
        out.push(b'"');
        out.extend_from_slice(&keys.duration);
        match unit {
            DurationUnit::Milliseconds => push_milliseconds(out, self.total),
            DurationUnit::Nanoseconds => {
                push_u64(
                    out,
                    u64::try_from(self.total.as_nanos()).unwrap_or(u64::MAX),
                );
            }
        }
        out.extend_from_slice(&keys.busy);
        push_milliseconds(out, self.busy);
        out.extend_from_slice(&keys.idle);
        push_milliseconds(out, self.idle);
    }
}

/// Milliseconds with all their nanoseconds, always as a float.
fn push_milliseconds(out: &mut Vec<u8>, duration: Duration) {
    let milliseconds = duration.as_secs_f64() * 1_000.0;
    let rounded = (milliseconds * 1e6).round() / 1e6;
    push_f64(out, rounded, NonFinite::Null);
}
