//! Floats that have at most three decimals, as most durations, ratios and prices have.

use super::{copies::push_first, digits::digit_pair_word};

/// Appends a float if it has at most three decimals and eight digits before them. Returns whether it has.
///
/// Such a decimal has at most 11 digits. Different decimals of up to 15 digits are different floats, so no shorter decimal reads back as
/// the same float, and this one is what a search for the shortest would find.
#[inline]
pub(super) fn push_short(out: &mut Vec<u8>, number: f64) -> bool {
    let magnitude = number.abs();
    if !(0.001..1e8).contains(&magnitude) {
        return false;
    }
    // Rounded to the nearest thousandth.
    let thousandths = (magnitude * 1_000.0 + 0.5) as i64;
    // A division rounds correctly, so this holds exactly if the float is the nearest one to this decimal.
    if thousandths as f64 / 1_000.0 != magnitude {
        return false;
    }
    if number < 0.0 {
        out.push(b'-');
    }
    let (whole, fraction) = ((thousandths / 1_000) as u32, (thousandths % 1_000) as u32);
    let (whole, length) = whole_digits(whole);
    push_first(out, whole, length);
    let length = if fraction % 100 == 0 {
        2
    } else if fraction % 10 == 0 {
        3
    } else {
        4
    };
    let first = digit_pair_word(fraction / 100) >> 8;
    let fraction = u64::from(b'.') | first << 8 | digit_pair_word(fraction % 100) << 16;
    push_first(out, fraction, length);
    true
}

/// Returns the digits of a number below 10^8, the first one in the lowest byte, and how many they are.
#[inline]
fn whole_digits(mut number: u32) -> (u64, usize) {
    let mut digits = 0;
    let mut length = 0;
    while number >= 100 {
        digits = digits << 16 | digit_pair_word(number % 100);
        length += 2;
        number /= 100;
    }
    let first = digit_pair_word(number);
    if number < 10 {
        (digits << 8 | first >> 8, length + 1)
    } else {
        (digits << 16 | first, length + 2)
    }
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
        for number in [0.001, 0.1, 0.29, 1.0, 12.75, -12.7, 100.0, 99_999_999.999] {
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
            1e8,
            99_999_999.999_9,
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
        fn a_short_decimal_is_written_as_serde_json_writes_it(thousandths in 1..100_000_000_000_i64, is_negative: bool) {
            let number = thousandths as f64 / if is_negative { -1_000.0 } else { 1_000.0 };
            prop_assert_eq!(short(number), serde_json::to_string(&number).ok());
        }

        #[test]
        fn a_neighbour_of_a_short_decimal_is_left_to_the_search(thousandths in 1..100_000_000_000_i64) {
            let number = (thousandths as f64 / 1_000.0).next_up();
            prop_assert_eq!(short(number), None);
        }
    }
}
