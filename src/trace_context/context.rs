use opentelemetry::trace::{SpanId, TraceFlags, TraceId};
use std::num::NonZeroU64;

/// The trace id, span id and trace flags of a line.
///
/// Neither id is ever zero, since W3C Trace Context ("traceparent Header Field Values") defines an id of zeros as invalid.
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
    /// The upper and the lower half. As `u64`s they are aligned like the other fields, so that a copy moves whole words.
    trace_id: [u64; 2],
    span_id: NonZeroU64,
    flags: u8,
    /// Whether the sampler has decided. False only for contexts from a span's extensions.
    is_decided: bool,
}

impl TraceContext {
    /// A context of these three, or `None` if an id is zero.
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

    /// A context from bytes, for ids of any version of OpenTelemetry. Pass no flags if the sampler has not decided yet.
    ///
    /// A line of a context without flags has no `trace_flags`, and [`with_unsampled_max_level`] keeps it.
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

    /// Whether the sampler has decided. It has, except for spans of `tracing-opentelemetry` 0.28 to 0.31 that have no child yet:
    /// see [`opentelemetry_of!`](crate::opentelemetry_of).
    #[inline]
    #[must_use]
    pub fn is_sampling_decided(&self) -> bool {
        self.is_decided
    }

    /// The trace's id, 16 bytes.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        let [upper, lower] = self.trace_id;
        TraceId::from(u128::from(upper) << 64 | u128::from(lower))
    }

    /// The span's id, 8 bytes.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        SpanId::from(self.span_id.get())
    }

    /// The W3C trace flags. Bit 0 means that the trace is sampled. No bit is set before the sampler has decided.
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

    /// The reverse of [`to_words`](Self::to_words); `None` if the span's id is zero.
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
