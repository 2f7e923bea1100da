//! Whether an id in a text is whole, or a part of something longer.

/// Whether no digit of the same number comes before the byte at this index. The digits of an escape do not count: JSON writes a quote as
/// `\u0022`, nginx as `\x22`, and a URL as `%22`.
pub(super) fn is_start(text: &[u8], at: usize, is_digit: fn(&u8) -> bool) -> bool {
    let before = text.get(..at).unwrap_or_default();
    !before.last().is_some_and(is_digit) || ends_with_escape(before)
}

/// Whether no digit of the same number comes at this index.
pub(super) fn is_end(text: &[u8], at: usize, is_digit: fn(&u8) -> bool) -> bool {
    !text.get(at).is_some_and(is_digit)
}

/// Returns how many hexadecimal digits begin at an index, up to 33: more than an id has.
pub(super) fn hex_run(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default().iter().take(33);
    rest.take_while(|byte| byte.is_ascii_hexdigit()).count()
}

/// What may not be beside a hexadecimal number.
pub(super) fn is_hex(byte: &u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// What may not be beside a decimal number: it would be a fraction, or part of a hexadecimal number.
pub(super) fn is_decimal(byte: &u8) -> bool {
    byte.is_ascii_hexdigit() || *byte == b'.'
}

fn ends_with_escape(text: &[u8]) -> bool {
    match text {
        [.., b'\\', b'b' | b'f'] => true,
        [.., b'%', high, low] | [.., b'\\', b'x', high, low] => is_hex(high) && is_hex(low),
        [.., b'\\', b'u', a, b, c, d] => [a, b, c, d].into_iter().all(is_hex),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_an_escape_do_not_belong_to_the_number_after_it() {
        for before in [
            &b"trace_id="[..],
            b"",
            b"\"",
            b"\\u0022",
            b"\\x22",
            b"%22",
            b"\x1b[0m",
            b"\\f",
        ] {
            let at = before.len();
            let text = [before, b"4bf9"].concat();
            assert!(is_start(&text, at, is_hex), "{before:?}");
        }
        for before in [&b"a"[..], b"0", b"u0022", b"22"] {
            let text = [before, b"4bf9"].concat();
            assert!(!is_start(&text, before.len(), is_hex), "{before:?}");
        }
    }
}
