//! The text of JSON strings.

/// Returns the text of a JSON string that is given without its quotes.
pub(super) fn unescaped(inside: &[u8]) -> String {
    let quoted = [b"\"", inside, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(inside).into_owned())
}
