//! Short texts, cut at a byte of ASCII: for `str::split` and its like, setting out takes longer than the whole way here.

/// What is before the first such byte, and what is behind it.
pub(crate) fn cut_at(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|found| found == byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// What is between such bytes.
pub(crate) fn cut_at_each(text: &str, byte: u8) -> impl Iterator<Item = &str> {
    let mut left = Some(text);
    std::iter::from_fn(move || {
        let text = left?;
        let (part, rest) = match cut_at(text, byte) {
            Some((part, rest)) => (part, Some(rest)),
            None => (text, None),
        };
        left = rest;
        Some(part)
    })
}
