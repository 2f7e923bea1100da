//! Numbers since 1970.

use super::{END_SECOND, FIRST_SECOND, NANOS_PER_SECOND, Time, Unit};

/// A number with this many digits fits into 64 bits.
const MAX_DIGITS: usize = 19;

/// Parses a JSON number without a sign as a time. It is not converted to a float, so it is exact.
pub(super) fn parse(text: &[u8]) -> Option<Time> {
    // A time has no leading zeros. Without them, the number of digits determines the unit.
    if !matches!(text.first(), Some(b'1'..=b'9')) {
        return None;
    }
    let (number, integer, rest) = digits(0, text, MAX_DIGITS);
    let (number, kept, rest) = match rest {
        [b'.', rest @ ..] => {
            let (number, kept, rest) = digits(number, rest, MAX_DIGITS.checked_sub(integer)?);
            let ignored = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            (kept + ignored > 0).then_some((number, kept, &rest[ignored..]))?
        }
        _ => (number, 0, rest),
    };
    let exponent = exponent(rest)?;
    let integer_digits = i32::try_from(integer).ok()? + exponent;
    let decimals = i32::try_from(kept).ok()? - exponent;
    of_decimal(number, integer_digits, decimals)
}

/// Reads at most `most` digits at the start of a text, and appends them to a number. Returns the number, how many digits were read, and what
/// follows.
fn digits(number: u64, text: &[u8], most: usize) -> (u64, usize, &[u8]) {
    let mut number = number;
    let mut count = 0;
    for byte in text.iter().take(most) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        // The caller limits the digits to 19.
        number = number.wrapping_mul(10).wrapping_add(digit.into());
        count += 1;
    }
    (number, count, &text[count..])
}

/// Parses the rest of a number: nothing, or an exponent.
fn exponent(text: &[u8]) -> Option<i32> {
    let text = match text {
        [] => return Some(0),
        [b'e' | b'E', text @ ..] => text,
        _ => return None,
    };
    let (sign, text) = match text {
        [b'-', text @ ..] => (-1, text),
        [b'+', text @ ..] => (1, text),
        _ => (1, text),
    };
    let (number, count, rest) = digits(0, text, 3);
    let is_whole = count > 0 && rest.is_empty();
    is_whole.then(|| sign * i32::try_from(number).unwrap_or(0))
}

/// Returns the time that the digits of a number denote, given how many of them are its integer part and how many are its decimals. Either
/// count can be negative, or greater than the number of digits.
fn of_decimal(number: u64, integer_digits: i32, decimals: i32) -> Option<Time> {
    let (unit, unit_decimals) = match integer_digits {
        9..=10 => (Unit::Second, 0),
        12..=13 => (Unit::Millisecond, 3),
        15..=16 => (Unit::Microsecond, 6),
        18..=19 => (Unit::Nanosecond, 9),
        _ => return None,
    };
    // The number counts units of this many decimals of a second.
    let scale = unit_decimals + decimals;
    let nanos = match 9 - scale {
        more @ 0.. => number.checked_mul(power_of_ten(more)?)?,
        fewer => number / power_of_ten(-fewer)?,
    };
    let nanos = i64::try_from(nanos).ok()?;
    let is_plausible = (FIRST_SECOND..END_SECOND).contains(&(nanos / NANOS_PER_SECOND));
    let written = Unit::of_decimals(usize::try_from(scale).unwrap_or(0));
    let unit = unit.max(written);
    is_plausible.then_some(Time { nanos, unit })
}

fn power_of_ten(exponent: i32) -> Option<u64> {
    10_u64.checked_pow(u32::try_from(exponent).ok()?)
}
