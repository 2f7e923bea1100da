/// Returns whether a text begins with the shape of a time, in which `#` stands for a digit, `a` for a letter, `_` for a digit or a space, and `?`
/// for what separates a date from the time of day. All other characters of a shape stand for themselves.
pub(super) fn begins_with(text: &str, shape: &str) -> bool {
    let head = text.as_bytes().get(..shape.len());
    head.is_some_and(|head| {
        head.iter()
            .zip(shape.bytes())
            .all(|(byte, shape)| match shape {
                b'#' => byte.is_ascii_digit(),
                b'a' => byte.is_ascii_alphabetic(),
                b'_' => byte.is_ascii_digit() || *byte == b' ',
                b'?' => matches!(byte, b'T' | b't' | b' ' | b':'),
                shape => *byte == shape,
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_compared_with_a_shape() {
        for (text, shape, expected) in [
            ("2026-11 x", "####-##", true),
            ("2026-1x", "####-##", false),
            ("2026", "####-##", false),
            ("Nov  9T", "aaa _#?", true),
            ("", "", true),
            ("é", "aa", false),
        ] {
            assert_eq!(begins_with(text, shape), expected, "{text} {shape}");
        }
    }
}
