use opentelemetry::trace::{SpanId, TraceFlags, TraceId};
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
    /// Whether the sampler has been asked. False only for contexts that a span's extensions hold.
    is_decided: bool,
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
            is_decided: true,
        })
    }

    /// The same from bytes, for ids of any version of OpenTelemetry; without flags where the sampler has not been asked.
    ///
    /// A line without flags has no `trace_flags`, and [`with_unsampled_max_level`] keeps it.
    ///
    /// [`with_unsampled_max_level`]: crate::StampLayer::with_unsampled_max_level
    ///
    /// ```
    /// use tracing_stamp::TraceContext;
    ///
    /// let context = TraceContext::from_bytes([1; 16], [2; 8], None).expect("neither is zero");
    /// assert!(!context.is_sampling_decided() && !context.flags().is_sampled());
    /// ```
    #[inline]
    #[must_use]
    pub fn from_bytes(trace_id: [u8; 16], span_id: [u8; 8], flags: Option<u8>) -> Option<Self> {
        let context = Self::new(
            TraceId::from_bytes(trace_id),
            SpanId::from_bytes(span_id),
            TraceFlags::new(flags.unwrap_or_default()),
        )?;
        Some(Self {
            is_decided: flags.is_some(),
            ..context
        })
    }

    /// Whether it is known if the trace is sampled. It is, but for spans of `tracing-opentelemetry` 0.28 to 0.31 that have no
    /// child yet: see [`opentelemetry_of!`](crate::opentelemetry_of).
    #[inline]
    #[must_use]
    pub fn is_sampling_decided(&self) -> bool {
        self.is_decided
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

    /// The W3C trace flags; bit 0 says that the trace is sampled. None are set while that is not decided.
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
            is_decided: true,
        })
    }
}
