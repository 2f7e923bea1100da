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
        // A shorter value, or one of this length with white space around it, is invalid anyway.
        let value = match value.len() {
            ..=LENGTH => value,
            _ => value.trim_matches(OWS),
        };
        let (known, later) = value.as_bytes().split_at_checked(LENGTH)?;
        let known: &[u8; LENGTH] = known.try_into().ok()?;
        match pair([known[0], known[1]])? {
            0xff => return None,
            0x00 if !later.is_empty() => return None,
            _ if later.first().is_some_and(|byte| *byte != b'-') => return None,
            _ => {}
        }
        if [known[2], known[35], known[52]] != [b'-'; 3] {
            return None;
        }
        let [upper, lower] = [sixteen(&known[3..19])?, sixteen(&known[19..35])?];
        let trace_id = TraceId::from(u128::from(upper) << 64 | u128::from(lower));
        let span_id = SpanId::from(sixteen(&known[36..52])?);
        let flags = TraceFlags::new(pair([known[53], known[54]])?);
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
        // Only hexadecimal digits and dashes are written, so the text is valid UTF-8.
        String::from_utf8(self.traceparent()).unwrap_or_default()
    }

    /// Returns the same as ASCII.
    pub(crate) fn traceparent(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(LENGTH);
        text.extend_from_slice(b"00-");
        push_hex(&mut text, self.trace_id().to_bytes());
        text.push(b'-');
        push_hex(&mut text, self.span_id().to_bytes());
        text.push(b'-');
        push_hex(&mut text, [(self.flags() & KNOWN).to_u8()]);
        text
    }
}

/// Parses two lower-case hexadecimal digits.
fn pair([first, second]: [u8; 2]) -> Option<u8> {
    Some(digit(first)? << 4 | digit(second)?)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// Parses sixteen lower-case hexadecimal digits.
fn sixteen(text: &[u8]) -> Option<u64> {
    let (first, rest) = text.split_first_chunk()?;
    let [first, second] = [eight(*first)?, eight(*rest.first_chunk()?)?];
    Some(u64::from(first) << 32 | u64::from(second))
}

/// Parses eight lower-case hexadecimal digits, all at once: `from_str_radix` takes three times as long, and accepts capitals and a sign.
fn eight(text: [u8; 8]) -> Option<u32> {
    /// A number with this byte eight times.
    const fn all(byte: u8) -> u64 {
        u64::from_be_bytes([byte; 8])
    }
    let text = u64::from_be_bytes(text);
    // The low half of `0` to `9` is the digit, and that of `a` to `f` the digit less nine.
    let letters = text >> 6 & all(1);
    let digits = ((text & all(0x0f)) + letters * 9) & all(0x0f);
    // Other bytes result in digits too, but only digits are equal to what their values are written as.
    let letters = (digits + all(6)) >> 4 & all(1);
    if digits + all(b'0') + letters * u64::from(b'a' - b'0' - 10) != text {
        return None;
    }
    let pairs = (digits | digits >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    u32::try_from((fours | fours >> 16) & 0xffff_ffff).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lower_case_hexadecimal_digits_are_digits() {
        for byte in 0..=u8::MAX {
            let value = char::from(byte)
                .to_digit(16)
                .filter(|_| !byte.is_ascii_uppercase());
            for place in 0..8 {
                let mut text = *b"00000000";
                text[place] = byte;
                let expected = value.map(|value| value << (28 - 4 * place));
                assert_eq!(eight(text), expected, "{byte:#x} at {place}");
            }
            assert_eq!(digit(byte).map(u32::from), value, "{byte:#x}");
        }
        assert_eq!(sixteen(b"0123456789abcdef"), Some(0x0123_4567_89ab_cdef));
    }
}
