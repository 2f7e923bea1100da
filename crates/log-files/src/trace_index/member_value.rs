//! Values of the members that matter for the time of a line.

use crate::time::parse_time;

/// A reader does not parse a longer text as a time.
const MAX_TIME_BYTES: usize = 64;

/// A number with this many digits fits into 64 bits.
const MAX_DIGITS: usize = 19;

/// Parses a string or a whole number. The digits of a number with decimals can change when it is read as a float.
pub(super) fn time(value: &[u8]) -> Option<i64> {
    let text = match value {
        [b'"', text @ .., b'"'] => text,
        number => Some(number).filter(|number| is_whole_number(number))?,
    };
    let is_short = text.len() <= MAX_TIME_BYTES;
    let time = is_short.then(|| parse_time(text))??;
    Some(time.nanos)
}

pub(super) fn is_level(value: &[u8]) -> bool {
    is_string(value) || is_whole_number(value)
}

pub(super) fn is_string(value: &[u8]) -> bool {
    value.first() == Some(&b'"')
}

/// Whether a value is a number that is valid JSON and fits into 64 bits.
fn is_whole_number(value: &[u8]) -> bool {
    let is_short = value.len() <= MAX_DIGITS;
    is_short && matches!(value, [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit))
}
