//! Times as in RFC 3339.
//!
//! Most lines have a time in UTC with no decimals, or with three, six or nine. [`parse_utc`] reads these in words of eight bytes, in 109 to
//! 134 instructions (callgrind, x86-64). [`parse_any`] takes about 400.

use super::{NANOS_PER_SECOND, Time, Unit};
use crate::calendar::days_from_civil;

pub(super) fn parse(text: &[u8]) -> Option<Time> {
    parse_utc(text).or_else(|| parse_any(text))
}

/// Parses a time with a `T`, a `Z`, a point, and 0, 3, 6 or 9 decimals, in the years 2000 to 2099. Returns `None` for any other text, and for
/// leap days and leap seconds.
#[inline]
fn parse_utc(text: &[u8]) -> Option<Time> {
    let date = Word::new(text, 0, b"20##-##-")?;
    let rest = Word::new(text, 8, b"##T##:##")?;
    // The word that ends with the seconds, or with the first decimals.
    let (second, decimals, unit) = match text.len() {
        20 => {
            let word = Word::new(text, 12, b"#:##:##Z")?;
            (word.checked_pair(5, 59), Field::valid(0), Unit::Second)
        }
        24 => {
            let word = Word::new(text, 16, b":##.###Z")?;
            let millis = word.pair(4) * 10 + word.digit(6);
            (
                word.checked_pair(1, 59),
                Field::valid(millis * 1_000_000),
                Unit::Millisecond,
            )
        }
        27 => {
            let word = Word::new(text, 12, b"#:##:##.")?;
            let last = Word::new(text, 19, b".######Z")?;
            // The point counts as a zero, and so does the `Z`.
            (
                word.checked_pair(5, 59),
                last.field(last.number() * 100),
                Unit::Microsecond,
            )
        }
        30 => {
            let word = Word::new(text, 14, b"##:##.##")?;
            let last = Word::new(text, 22, b"#######Z")?;
            let nanos = word.pair(6) * 10_000_000 + last.number() / 10;
            (
                word.checked_pair(3, 59),
                last.field(nanos),
                Unit::Nanosecond,
            )
        }
        _ => return None,
    };
    let hour = rest.checked_pair(3, 23);
    let minute = rest.checked_pair(6, 59);
    let excess = date.excess | hour.excess | minute.excess | second.excess | decimals.excess;
    if excess & HIGHEST_BITS != 0 {
        return None;
    }
    let days = days_since_1970(date.pair(2), date.pair(5), rest.pair(0))?;
    let of_day = hour.value * 3_600 + minute.value * 60 + second.value;
    Some(Time {
        nanos: (days * 86_400 + of_day) * NANOS_PER_SECOND + decimals.value,
        unit,
    })
}

/// The days from 1 March to the first of each month, and the days in the month.
const MONTHS: [(i64, u64); 12] = [
    (306, 31),
    (337, 28),
    (0, 31),
    (31, 30),
    (61, 31),
    (92, 30),
    (122, 31),
    (153, 31),
    (184, 30),
    (214, 31),
    (245, 30),
    (275, 31),
];
/// 1 March 2000, in days since 1970.
const MARCH_2000: i64 = 11_017;

/// Returns the days from 1970 to a day of the years 2000 to 2099. Returns `None` for a leap day.
#[inline]
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let (from_march, length) = *MONTHS.get(usize::try_from(month - 1).ok()?)?;
    let is_in_month = (day - 1).cast_unsigned() < length;
    // Years begin in March, so that the leap day is the last day of a year. There is one in every fourth year of this century.
    let year = year - i64::from(month <= 2);
    is_in_month.then_some(MARCH_2000 + ((year * 1_461) >> 2) + from_march + day - 1)
}

const HIGHEST_BITS: u64 = 0x8080_8080_8080_8080;

/// Eight bytes, in which each digit is its value.
#[derive(Clone, Copy)]
struct Word {
    values: u64,
    /// In the byte of each digit: ten times its value, and the value of the next digit.
    pairs: u64,
    /// Has the highest bit of a byte set if the bytes do not have the expected shape. Then the other fields mean nothing.
    excess: u64,
}

/// A number in a [`Word`].
struct Field {
    value: i64,
    /// As in [`Word`].
    excess: u64,
}

impl Word {
    /// Reads the eight bytes from an index on, and compares them with a shape: digits where it has `#`, and otherwise its bytes.
    #[inline]
    fn new(text: &[u8], at: usize, shape: &[u8; 8]) -> Option<Self> {
        let word = u64::from_le_bytes(*text.get(at..at + 8)?.first_chunk()?);
        // A digit becomes its value, and another byte of the shape becomes zero.
        let zeros = shape.map(|byte| if byte == b'#' { b'0' } else { byte });
        let values = word ^ u64::from_le_bytes(zeros);
        // Sets the highest bit of a byte that is greater than 9, or than 0. A sum that overflows its byte has that bit in `values`.
        let bounds = shape.map(|byte| if byte == b'#' { 0x76 } else { 0x7f });
        let excess = values.wrapping_add(u64::from_le_bytes(bounds)) | values;
        Some(Self {
            values,
            pairs: values.wrapping_mul(10).wrapping_add(values >> 8),
            excess,
        })
    }

    fn is_valid(self) -> bool {
        self.excess & HIGHEST_BITS == 0
    }

    fn digit(self, at: u32) -> i64 {
        byte(self.values, at)
    }

    /// The number of two digits that begins at an index.
    fn pair(self, at: u32) -> i64 {
        byte(self.pairs, at)
    }

    /// The number of all eight digits.
    #[inline]
    fn number(self) -> i64 {
        // Adds pairs to fours, and both fours to the number, in the upper half of each product.
        let (odd, even) = (
            self.pairs & 0xff_0000_00ff,
            (self.pairs >> 16) & 0xff_0000_00ff,
        );
        let first = odd.wrapping_mul(100 + (1_000_000 << 32));
        let second = even.wrapping_mul(1 + (10_000 << 32));
        (first.wrapping_add(second) >> 32).cast_signed()
    }

    fn field(self, value: i64) -> Field {
        let excess = self.excess;
        Field { value, excess }
    }

    /// The number of two digits that begins at an index, which has a maximum.
    fn checked_pair(self, at: u32, max: u64) -> Field {
        // No byte of `pairs` is greater than 99, so the sum only sets the highest bit of this byte.
        let excess = self.excess | self.pairs.wrapping_add((0x7f - max) << (8 * at));
        let value = self.pair(at);
        Field { value, excess }
    }
}

impl Field {
    fn valid(value: i64) -> Self {
        Self { value, excess: 0 }
    }
}

fn byte(word: u64, at: u32) -> i64 {
    ((word >> (8 * at)) & 0xff).cast_signed()
}

/// A date and a time of day.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Civil {
    /// The seconds since 1970. Returns `None` if there is no such time. A leap second is the first second of the next minute.
    #[inline]
    fn seconds(&self) -> Option<i64> {
        let is_valid = (1..=12).contains(&self.month)
            && self.day >= 1
            && (self.day <= 28 || self.day <= days_of_month(self.year, self.month))
            && self.hour < 24
            && self.minute < 60
            && self.second <= 60;
        is_valid.then(|| {
            let days = days_from_civil(self.year, self.month, self.day);
            days * 86_400 + self.hour * 3_600 + self.minute * 60 + self.second
        })
    }
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Parses a time in all accepted forms.
#[inline(never)]
fn parse_any(text: &[u8]) -> Option<Time> {
    let (fixed, rest) = text.split_first_chunk::<19>()?;
    let mut date = *fixed;
    if matches!(date[10], b't' | b' ') {
        date[10] = b'T';
    }
    let first = Word::new(&date, 0, b"####-##-")?;
    let middle = Word::new(&date, 8, b"##T##:##")?;
    let last = Word::new(&date, 11, b"##:##:##")?;
    if !(first.is_valid() && middle.is_valid() && last.is_valid()) {
        return None;
    }
    let seconds = Civil {
        year: first.pair(0) * 100 + first.pair(2),
        month: first.pair(5),
        day: middle.pair(0),
        hour: middle.pair(3),
        minute: middle.pair(6),
        second: last.pair(6),
    }
    .seconds()?;
    let (nanos, decimals, rest) = fraction(rest)?;
    Time::new(seconds - offset(rest)?, nanos, Unit::of_decimals(decimals))
}

/// Parses the decimals of a second, if there are any. Returns nanoseconds, the number of decimals, and what follows.
fn fraction(text: &[u8]) -> Option<(i64, usize, &[u8])> {
    let Some((b'.' | b',', digits)) = text.split_first() else {
        return Some((0, 0, text));
    };
    let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at(count);
    let mut unit = NANOS_PER_SECOND;
    let mut nanos = 0;
    // The unit of digits after the ninth is zero.
    for digit in digits {
        unit /= 10;
        nanos += i64::from(digit - b'0') * unit;
    }
    (count > 0).then_some((nanos, count, rest))
}

/// Parses an offset from UTC, in seconds.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match *text {
        [b'Z' | b'z'] => return Some(0),
        [sign @ (b'+' | b'-'), a, b, b':', c, d] | [sign @ (b'+' | b'-'), a, b, c, d] => {
            (sign, number(a, b)?, number(c, d)?)
        }
        _ => return None,
    };
    let seconds = hours * 3_600 + minutes * 60;
    let is_valid = hours < 24 && minutes < 60;
    is_valid.then_some(if sign == b'-' { -seconds } else { seconds })
}

fn number(first: u8, second: u8) -> Option<i64> {
    let are_digits = first.is_ascii_digit() && second.is_ascii_digit();
    are_digits.then(|| i64::from(first - b'0') * 10 + i64::from(second - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TIMES: [&str; 4] = [
        "2026-11-28T18:53:17Z",
        "2026-11-28T18:53:17.298Z",
        "2026-11-28T18:53:17.298748Z",
        "2026-11-28T18:53:17.298748123Z",
    ];

    #[test]
    fn the_usual_forms_take_the_short_way() {
        for text in TIMES {
            let time = parse_utc(text.as_bytes());
            assert!(time.is_some(), "{text}");
            assert_eq!(time, parse_any(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_give_the_same_time(
            form in 0..TIMES.len(),
            changes in proptest::collection::vec((0..30_usize, prop_oneof![any::<u8>(), b'0'..=b'9', Just(b'Z')]), 0..4),
        ) {
            let mut text = TIMES[form].as_bytes().to_vec();
            for (at, byte) in changes {
                let at = at % text.len();
                text[at] = byte;
            }
            let short = parse_utc(&text);
            prop_assert!(short.is_none() || short == parse_any(&text), "{:?}", text.escape_ascii().to_string());
        }
    }
}
