//! The text of JSON strings.

use log_files::all_bytes;
use std::borrow::Cow;

/// Returns the text of a JSON string that is given without its quotes.
pub(super) fn unescaped(inside: &[u8]) -> String {
    let quoted = [b"\"", inside, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(inside).into_owned())
}

/// Returns the bytes of [`lossy`].
pub(crate) fn lossy_bytes(text: &[u8]) -> Cow<'_, [u8]> {
    // Most text is ASCII.
    if all_bytes(text, |byte| byte.is_ascii()) {
        return Cow::Borrowed(text);
    }
    match lossy(text) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// Returns a text with replacement characters in place of bytes that are not UTF-8. Valid text is checked many bytes at a time, which
/// `String::from_utf8_lossy` does not.
pub(crate) fn lossy(text: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(text),
    }
}
