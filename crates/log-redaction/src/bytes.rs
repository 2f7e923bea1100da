//! Bytes that may not be UTF-8, as text.

use std::borrow::Cow;

/// A character for each byte that is not part of valid UTF-8, in the last private use area. A text may have them too, but no known program
/// uses them.
const INVALID: u32 = 0x10_ff00;

/// Text made of bytes. Bytes that are not UTF-8 are restored when it is turned into bytes again.
#[derive(Debug)]
pub(crate) struct Bytes<'b> {
    text: Cow<'b, str>,
}

impl<'b> Bytes<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => with_characters(bytes).into(),
        };
        Self { text }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the bytes of a text that was made of this one.
    pub(crate) fn restored(&self, text: String) -> Vec<u8> {
        if matches!(self.text, Cow::Borrowed(_)) {
            return text.into_bytes();
        }
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            match u8::try_from(u32::from(character).wrapping_sub(INVALID)) {
                Ok(byte) if byte >= 0x80 => bytes.push(byte),
                _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        bytes
    }
}

fn with_characters(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let invalid = chunk.invalid().iter();
        text.extend(invalid.filter_map(|byte| char::from_u32(INVALID + u32::from(*byte))));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_restored(bytes in any::<Vec<u8>>()) {
            let text = Bytes::new(&bytes);
            prop_assert_eq!(text.restored(text.text().to_owned()), bytes);
        }
    }
}
