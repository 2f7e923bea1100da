//! Floats that have at most three decimals, as most durations, ratios and prices have.

use super::digits::digit_pair;

/// The longest text has a sign, nine digits, a point and three decimals. It is copied with two more bytes, because a copy of fixed length
/// takes a few instructions, while a copy of variable length is a function call.
const COPIED: usize = 14 + 2;

/// Where the point is in the text.
const POINT: usize = 10;

/// Appends a float if it has at most three decimals and nine digits before them. Returns whether it has.
///
/// Such a decimal has at most 12 digits. Different decimals of up to 15 digits are different floats, so no shorter decimal reads back as
/// the same float, and this one is what a search for the shortest would find.
#[inline]
pub(super) fn push_short(out: &mut Vec<u8>, number: f64) -> bool {
    let magnitude = number.abs();
    if !(0.001..1e9).contains(&magnitude) {
        return false;
    }
    // Rounded to the nearest thousandth.
    let thousandths = (magnitude * 1_000.0 + 0.5) as i64;
    // A division rounds correctly, so this holds exactly if the float is the nearest one to this decimal.
    if thousandths as f64 / 1_000.0 != magnitude {
        return false;
    }
    let (mut whole, fraction) = ((thousandths / 1_000) as u32, (thousandths % 1_000) as u32);
    let mut text = [b'.'; COPIED];
    let [_, first] = digit_pair(fraction / 100);
    let [second, third] = digit_pair(fraction % 100);
    text[POINT + 1..POINT + 4].copy_from_slice(&[first, second, third]);
    let end = match (second, third) {
        (b'0', b'0') => POINT + 2,
        (_, b'0') => POINT + 3,
        _ => POINT + 4,
    };
    let mut start = POINT;
    while whole >= 100 {
        start -= 2;
        text[start..start + 2].copy_from_slice(&digit_pair(whole % 100));
        whole /= 100;
    }
    let [tens, units] = digit_pair(whole);
    start -= 1;
    text[start] = units;
    if tens != b'0' {
        start -= 1;
        text[start] = tens;
    }
    if number < 0.0 {
        start -= 1;
        text[start] = b'-';
    }
    let text = u128::from_le_bytes(text) >> (8 * start);
    let length = out.len() + end - start;
    out.extend_from_slice(&text.to_le_bytes());
    out.truncate(length);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn short(number: f64) -> Option<String> {
        let mut out = Vec::new();
        push_short(&mut out, number).then(|| String::from_utf8(out).expect("digits"))
    }

    #[test]
    fn only_short_decimals_are_written() {
        for number in [0.001, 0.1, 0.29, 1.0, 12.75, -12.7, 100.0, 999_999_999.999] {
            assert_eq!(
                short(number),
                serde_json::to_string(&number).ok(),
                "{number}"
            );
        }
        for number in [
            0.0,
            -0.0,
            0.0005,
            0.1 + 0.2,
            1.0 / 3.0,
            1e9,
            999_999_999.999_9,
            f64::NAN,
            f64::INFINITY,
            f64::MIN_POSITIVE,
            f64::MAX,
        ] {
            assert_eq!(short(number), None, "{number}");
        }
    }

    proptest! {
        #[test]
        fn a_short_decimal_is_written_as_serde_json_writes_it(thousandths in 1..1_000_000_000_000_i64, is_negative: bool) {
            let number = thousandths as f64 / if is_negative { -1_000.0 } else { 1_000.0 };
            prop_assert_eq!(short(number), serde_json::to_string(&number).ok());
        }

        #[test]
        fn a_neighbour_of_a_short_decimal_is_left_to_the_search(thousandths in 1..1_000_000_000_000_i64) {
            let number = (thousandths as f64 / 1_000.0).next_up();
            prop_assert_eq!(short(number), None);
        }
    }
}
