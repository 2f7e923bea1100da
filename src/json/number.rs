//! Numbers as JSON, written so that every reader can hold them.

use super::{digits::digit_pair, short_float::push_short};

/// How to write NaN and the infinities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NonFinite {
    /// `"NaN"`, `"Infinity"`, `"-Infinity"`.
    Text,
    /// `null`: an index that has mapped the field as a number rejects a document with a string in it.
    Null,
}

#[inline]
pub(crate) fn push_u64(out: &mut Vec<u8>, number: u64) {
    if number < 1_000 {
        push_short_integer(out, number as u32);
    } else {
        out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }
}

/// Appends a number below 1,000, such as a status: a copy of fixed length takes a few instructions, while a copy of variable length is a
/// function call.
#[inline]
fn push_short_integer(out: &mut Vec<u8>, number: u32) {
    let [_, hundreds] = digit_pair(number / 100);
    let [tens, units] = digit_pair(number % 100);
    let leading_zeros = usize::from(number < 100) + usize::from(number < 10);
    let digits = u32::from_le_bytes([hundreds, tens, units, 0]) >> (8 * leading_zeros);
    let end = out.len() + 3 - leading_zeros;
    out.extend_from_slice(&digits.to_le_bytes());
    out.truncate(end);
}

#[inline]
pub(crate) fn push_i64(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a number if it fits into 64 bits, otherwise a string: Elasticsearch and most readers have no wider integer.
pub(crate) fn push_i128(out: &mut Vec<u8>, number: i128) {
    if i64::try_from(number).is_ok() || u64::try_from(number).is_ok() {
        out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    } else {
        push_quoted(out, itoa::Buffer::new().format(number));
    }
}

/// Like [`push_i128`].
pub(crate) fn push_u128(out: &mut Vec<u8>, number: u128) {
    match u64::try_from(number) {
        Ok(number) => push_u64(out, number),
        Err(_) => push_quoted(out, itoa::Buffer::new().format(number)),
    }
}

/// Appends the shortest decimal that reads back as the same float. Like `serde_json`, always writes a point or an exponent.
#[inline]
pub(crate) fn push_f64(out: &mut Vec<u8>, number: f64, non_finite: NonFinite) {
    if push_short(out, number) {
        return;
    }
    push_any_f64(out, number, non_finite);
}

#[inline(never)]
fn push_any_f64(out: &mut Vec<u8>, number: f64, non_finite: NonFinite) {
    if number.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(number).as_bytes());
    } else {
        match non_finite {
            NonFinite::Null => out.extend_from_slice(b"null"),
            NonFinite::Text => push_quoted(out, non_finite_name(number)),
        }
    }
}

/// Returns the name of NaN or an infinity in protobuf's JSON mapping, which OpenTelemetry uses too.
pub(crate) fn non_finite_name(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

fn push_quoted(out: &mut Vec<u8>, digits: &str) {
    out.push(b'"');
    out.extend_from_slice(digits.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).expect("digits")
    }

    #[test]
    fn small_integers_have_no_leading_zeros() {
        for number in 0..1_100 {
            assert_eq!(text(|out| push_u64(out, number)), number.to_string());
        }
    }

    #[test]
    fn integers_beyond_64_bits_are_strings() {
        assert_eq!(
            text(|out| push_i128(out, i64::MIN.into())),
            "-9223372036854775808"
        );
        assert_eq!(
            text(|out| push_i128(out, u64::MAX.into())),
            "18446744073709551615"
        );
        assert_eq!(
            text(|out| push_i128(out, i128::MIN)),
            "\"-170141183460469231731687303715884105728\""
        );
        assert_eq!(text(|out| push_u128(out, 7)), "7");
        assert_eq!(
            text(|out| push_u128(out, u128::from(u64::MAX) + 1)),
            "\"18446744073709551616\""
        );
    }

    #[test]
    fn numbers_that_json_cannot_hold_are_a_name_or_null() {
        for (number, name) in [
            (f64::NAN, "\"NaN\""),
            (f64::INFINITY, "\"Infinity\""),
            (f64::NEG_INFINITY, "\"-Infinity\""),
        ] {
            assert_eq!(text(|out| push_f64(out, number, NonFinite::Text)), name);
            assert_eq!(text(|out| push_f64(out, number, NonFinite::Null)), "null");
        }
    }

    proptest! {
        #[test]
        fn floats_are_written_as_serde_json_writes_them(number in any::<f64>()) {
            prop_assume!(number.is_finite());
            let ours = text(|out| push_f64(out, number, NonFinite::Text));
            prop_assert_eq!(ours, serde_json::to_string(&number).expect("finite"));
        }
    }
}
