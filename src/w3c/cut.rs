//! Splits short texts at an ASCII byte. `str::split` and similar functions take longer to set up than the whole split takes here.

/// Returns the text before and after the first such byte.
pub(super) fn cut_at(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|found| found == byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Returns the parts of the text between such bytes.
pub(super) fn cut_at_each(text: &str, byte: u8) -> impl Iterator<Item = &str> {
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
