use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId};
use std::num::NonZeroU64;

/// The trace id, span id and trace flags that a line carries; both ids are never zero.
///
/// W3C Trace Context, "traceparent Header Field Values": an id of zeros alone is invalid, so a value with one cannot be
/// made, and no line carries one.
///
/// ```
/// use tracing_stamp::{TraceContext, opentelemetry::trace::{SpanId, TraceFlags, TraceId}};
///
/// let trace_id = TraceId::from(0x4bf92f3577b34da6a3ce929d0e0e4736);
/// let span_id = SpanId::from(0x00f067aa0ba902b7);
/// let context = TraceContext::new(trace_id, span_id, TraceFlags::SAMPLED).expect("neither is zero");
/// assert_eq!(context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert_eq!(TraceContext::new(TraceId::INVALID, span_id, TraceFlags::SAMPLED), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    /// The upper and the lower half: aligned as the others are, so that the whole moves in words.
    trace_id: [u64; 2],
    span_id: NonZeroU64,
    flags: u8,
}

impl TraceContext {
    /// The three together, or `None` where an id is zero.
    ///
    /// ```
    /// # use tracing_stamp::{TraceContext, opentelemetry::trace::{SpanId, TraceFlags, TraceId}};
    /// assert!(TraceContext::new(TraceId::from(1), SpanId::INVALID, TraceFlags::default()).is_none());
    /// ```
    #[must_use]
    pub fn new(trace_id: TraceId, span_id: SpanId, flags: TraceFlags) -> Option<Self> {
        let bits = u128::from_be_bytes(trace_id.to_bytes());
        let span_id = NonZeroU64::new(u64::from_be_bytes(span_id.to_bytes()))?;
        (bits != 0).then_some(Self {
            trace_id: [(bits >> 64) as u64, bits as u64],
            span_id,
            flags: flags.to_u8(),
        })
    }

    /// The trace's id, 16 bytes.
    ///
    /// ```
    /// # use tracing_stamp::{TraceContext, opentelemetry::trace::{SpanId, TraceFlags, TraceId}};
    /// # let context = TraceContext::new(TraceId::from(1), SpanId::from(2), TraceFlags::SAMPLED).expect("no zeros");
    /// assert_eq!(context.trace_id(), TraceId::from(1));
    /// ```
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        let [upper, lower] = self.trace_id;
        TraceId::from(u128::from(upper) << 64 | u128::from(lower))
    }

    /// The span's id, 8 bytes.
    ///
    /// ```
    /// # use tracing_stamp::{TraceContext, opentelemetry::trace::{SpanId, TraceFlags, TraceId}};
    /// # let context = TraceContext::new(TraceId::from(1), SpanId::from(2), TraceFlags::SAMPLED).expect("no zeros");
    /// assert_eq!(context.span_id(), SpanId::from(2));
    /// ```
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        SpanId::from(self.span_id.get())
    }

    /// The W3C trace flags; bit 0 says that the trace is sampled.
    ///
    /// ```
    /// # use tracing_stamp::{TraceContext, opentelemetry::trace::{SpanId, TraceFlags, TraceId}};
    /// # let context = TraceContext::new(TraceId::from(1), SpanId::from(2), TraceFlags::SAMPLED).expect("no zeros");
    /// assert!(context.flags().is_sampled());
    /// ```
    #[must_use]
    pub fn flags(&self) -> TraceFlags {
        TraceFlags::new(self.flags)
    }

    /// The ids as numbers, and the flags.
    #[inline]
    pub(crate) fn to_words(self) -> ([u64; 3], u8) {
        let [upper, lower] = self.trace_id;
        ([upper, lower, self.span_id.get()], self.flags)
    }

    /// The reverse; `None` where the span's id is zero.
    #[inline]
    pub(crate) fn from_words([upper, lower, span_id]: [u64; 3], flags: u8) -> Option<Self> {
        let span_id = NonZeroU64::new(span_id)?;
        let trace_id = [upper, lower];
        Some(Self {
            trace_id,
            span_id,
            flags,
        })
    }

    #[inline]
    pub(super) fn from_span_context(context: &SpanContext) -> Option<Self> {
        Self::new(context.trace_id(), context.span_id(), context.trace_flags())
    }
}
