use super::hex_runs::hex_runs;
use std::{mem, ops::RangeInclusive};

/// How many hexadecimal digits the last group of a UUID has: the shortest group that ends an id.
const SHORTEST: usize = 12;

/// Numbers that are at most this far apart are put into one range: an hour in nanoseconds.
const MAX_GAP: u64 = 3_600_000_000_000;

/// A range takes as much space as so many fingerprints.
const MIN_IN_RANGE: usize = 8;

/// The keys of the ids in some text.
#[derive(Debug, Default)]
pub(super) struct Keys {
    single: Vec<u64>,
    decimal: Vec<u64>,
}

/// All keys of a block.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct KeySet {
    /// Sorted, each once.
    pub(super) single: Vec<u64>,
    pub(super) ranges: Vec<RangeInclusive<u64>>,
}

impl Keys {
    /// Adds the keys of a text. An id is not divided between two texts.
    pub(super) fn add(&mut self, text: &[u8]) {
        for run in hex_runs::<SHORTEST>(text) {
            let before = text.get(..run.start).unwrap_or_default();
            let digits = text.get(run).unwrap_or_default();
            if let Some(key) = hexadecimal(before, digits)
                && self.single.last() != Some(&key)
            {
                self.single.push(key);
            }
            // After an escape such as `\u0022`, the number begins later.
            let starts: &[usize] = match is_in_escape(before) {
                true => &[0, 1, 2, 4],
                false => &[0],
            };
            let numbers = starts.iter().filter_map(|start| digits.get(*start..));
            if before.last() != Some(&b'.') {
                self.decimal.extend(numbers.filter_map(decimal));
            }
        }
    }

    /// Removes and returns all keys.
    pub(super) fn take(&mut self) -> KeySet {
        let Self {
            mut single,
            mut decimal,
        } = mem::take(self);
        decimal.sort_unstable();
        decimal.dedup();
        let mut ranges = Vec::new();
        for near in decimal.chunk_by(|one, next| next - one <= MAX_GAP) {
            match near {
                [first, .., last] if near.len() >= MIN_IN_RANGE => ranges.push(*first..=*last),
                few => single.extend(few),
            }
        }
        single.sort_unstable();
        single.dedup();
        KeySet { single, ranges }
    }
}

/// Returns the lower 64 bits of an id that ends with these hexadecimal digits.
fn hexadecimal(before: &[u8], digits: &[u8]) -> Option<u64> {
    let is_id = match digits.len() {
        // The end of a UUID.
        12 => {
            let [.., b'-', a, b, c, d, b'-'] = before else {
                return None;
            };
            let is_hex = [a, b, c, d].iter().all(|byte| byte.is_ascii_hexdigit());
            return is_hex.then(|| number(&[&[*a, *b, *c, *d], digits].concat()));
        }
        32 => true,
        // After an escape.
        33..=36 if is_in_escape(before) => true,
        // A number after `0x`, and the second part of an id of X-Ray.
        17..32 => match before {
            [.., b'0', b'x'] => true,
            [.., b'-'] => digits.len() == 24,
            _ => false,
        },
        _ => false,
    };
    let lower = digits.len().checked_sub(16)?;
    is_id.then(|| number(digits.get(lower..).unwrap_or_default()))
}

/// Whether the digits after this text may begin with those of an escape: JSON writes a quote as `\u0022`, nginx as `\x22`, and a URL as `%22`.
fn is_in_escape(before: &[u8]) -> bool {
    matches!(before, [.., b'\\' | b'%'] | [.., b'\\', b'u' | b'x'])
}

/// The number of 16 hexadecimal digits.
fn number(digits: &[u8]) -> u64 {
    let value = |digit: &u8| u64::from(digit & 0xf) + u64::from(digit >> 6) * 9;
    digits
        .iter()
        .fold(0, |number, digit| number << 4 | value(digit))
}

/// Parses a decimal number of 17 to 20 digits.
fn decimal(digits: &[u8]) -> Option<u64> {
    if !(17..=20).contains(&digits.len()) {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit & 0xf))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOWER: u64 = 0xa3ce_929d_0e0e_4736;

    fn keys(text: &str) -> KeySet {
        let mut keys = Keys::default();
        keys.add(text.as_bytes());
        keys.take()
    }

    #[test]
    fn each_form_of_an_id_has_the_same_key() {
        for text in [
            "trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
            "4BF92F3577B34DA6A3CE929D0E0E4736,",
            "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
            "1-4bf92f35-77b34da6a3ce929d0e0e4736",
            "0x2f3577b34da6a3ce929d0e0e4736",
            "\"dd.trace_id\":11803532876627986230}",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "\\u00224bf92f3577b34da6a3ce929d0e0e4736\\u0022",
            "\\x224bf92f3577b34da6a3ce929d0e0e4736",
            "%224BF92F3577B34DA6A3CE929D0E0E4736%22",
        ] {
            assert_eq!(keys(text).single, [LOWER], "{text}");
        }
    }

    #[test]
    fn digits_of_an_escape_before_a_decimal_number_may_belong_to_it() {
        for text in ["\\f11803532876627986230", "\\u002211803532876627986230"] {
            assert!(keys(text).single.contains(&LOWER), "{text}");
        }
    }

    #[test]
    fn numbers_that_are_no_ids_have_no_keys() {
        for text in [
            "\"span_id\":\"a3ce929d0e0e4736\"",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "\"duration\":0.12345678901234567",
            "99999999999999999999",
            "1234567890123456",
            "929d0e0e4736",
        ] {
            assert_eq!(keys(text), KeySet::default(), "{text}");
        }
    }

    #[test]
    fn numbers_that_are_close_together_become_one_range() {
        let first = 1_795_910_400_000_000_000_u64;
        let times = (0..100).map(|n| (first + n * 1_000_000).to_string());
        let text = times.collect::<Vec<_>>().join(" ") + " 11803532876627986230";
        let last = first + 99 * 1_000_000;
        let expected = KeySet {
            single: vec![LOWER],
            ranges: vec![first..=last],
        };
        assert_eq!(keys(&text), expected);
    }
}
