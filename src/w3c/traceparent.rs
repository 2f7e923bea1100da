//! Reads and writes `traceparent`: the trace id, the span id and the flags.

use super::OWS;
use crate::{json::push_hex, trace_context::TraceContext};
use opentelemetry::trace::{SpanId, TraceFlags, TraceId};

/// The flag for a trace id with at least seven random bytes at its end: Trace Context Level 2.
pub(super) const RANDOM: TraceFlags = TraceFlags::new(0b10);

/// The flags that version 00 defines. All others are sent as zero.
const KNOWN: TraceFlags = TraceFlags::new(0b11);

/// The length of version 00, and the minimum length of later versions.
const LENGTH: usize = 55;

impl TraceContext {
    /// Parses a `traceparent`, or a `traceresponse`, which has the same form. Returns `None` if it does not follow
    /// [Trace Context Level 2, 3.2].
    ///
    /// From a later version, only the part that version 00 defines is read. Undefined flags are dropped.
    ///
    /// [Trace Context Level 2, 3.2]: https://www.w3.org/TR/trace-context-2/#traceparent-header
    ///
    /// ```
    /// use tracing_stamp::TraceContext;
    ///
    /// let context = TraceContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").expect("valid");
    /// assert!(context.flags().is_sampled());
    /// assert_eq!(TraceContext::from_traceparent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"), None);
    /// ```
    #[must_use]
    pub fn from_traceparent(value: &str) -> Option<Self> {
        let value = value.trim_matches(OWS).as_bytes();
        let (known, later) = value.split_at_checked(LENGTH)?;
        let known: &[u8; LENGTH] = known.try_into().ok()?;
        match digits::<2>(&known[..2])? {
            0xff => return None,
            0x00 if !later.is_empty() => return None,
            _ if later.first().is_some_and(|byte| *byte != b'-') => return None,
            _ => {}
        }
        if [known[2], known[35], known[52]] != [b'-'; 3] {
            return None;
        }
        let [upper, lower] = [digits::<16>(&known[3..19])?, digits::<16>(&known[19..35])?];
        let trace_id = TraceId::from(u128::from(upper) << 64 | u128::from(lower));
        let span_id = SpanId::from(digits::<16>(&known[36..52])?);
        let flags = TraceFlags::new(u8::try_from(digits::<2>(&known[53..])?).ok()?);
        Self::new(trace_id, span_id, flags & KNOWN)
    }

    /// Formats this context as a `traceparent` of version 00, or as a `traceresponse`.
    ///
    /// ```
    /// use tracing_stamp::TraceContext;
    ///
    /// let later = TraceContext::from_traceparent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-more").expect("valid");
    /// assert_eq!(later.to_traceparent(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03");
    /// ```
    #[must_use]
    pub fn to_traceparent(&self) -> String {
        let mut text = Vec::with_capacity(LENGTH);
        text.extend_from_slice(b"00-");
        push_hex(&mut text, self.trace_id().to_bytes());
        text.push(b'-');
        push_hex(&mut text, self.span_id().to_bytes());
        text.push(b'-');
        push_hex(&mut text, [(self.flags() & KNOWN).to_u8()]);
        // Only hexadecimal digits and dashes were written, so the text is valid UTF-8.
        String::from_utf8(text).unwrap_or_default()
    }
}

/// The value of each lower-case hexadecimal digit, and `NO_DIGIT` for every other byte.
const DIGITS: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit] as usize] = digit as u8;
        digit += 1;
    }
    table
};
const NO_DIGIT: u8 = 0xff;

/// Parses `N` lower-case hexadecimal digits, at most 16. `from_str_radix` would also accept capitals and a sign.
fn digits<const N: usize>(text: &[u8]) -> Option<u64> {
    let text: &[u8; N] = text.try_into().ok()?;
    let (mut number, mut seen) = (0, 0);
    for byte in text {
        let digit = DIGITS[usize::from(*byte)];
        number = number << 4 | u64::from(digit);
        seen |= digit;
    }
    (seen != NO_DIGIT).then_some(number)
}
