//! Reads a `tracestate` in its usual form: valid members with single commas and no white space between them.

/// The maximum length of a key and of a value.
pub(super) const MAX_PART: usize = 256;

/// Most lists have at most this many members.
const FEW: usize = 4;

/// Calls `read` with the keys and values of a list of few members in the usual form. Returns `None` for any other list, valid or not.
///
/// Each byte is looked at once, and nothing is allocated, which takes a third of the time of splitting, trimming and checking.
pub(super) fn plain_list<T>(text: &str, read: impl FnOnce(&[(&str, &str)]) -> T) -> Option<T> {
    let mut members = [("", ""); FEW];
    let mut left = Some(text);
    let mut count = 0;
    while let Some(text) = left {
        let (key, value, rest) = first_member(text)?;
        *members.get_mut(count)? = (key, value);
        count += 1;
        left = rest;
    }
    Some(read(&members[..count]))
}

/// Returns key and value of the first member, and the text after its comma.
#[inline]
fn first_member(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let bytes = text.as_bytes();
    let equals = bytes.iter().position(|byte| !is(*byte, KEY))?;
    let (b'=', after) = bytes[equals..].split_first()? else {
        return None;
    };
    let comma = end_of_value(after);
    let length = comma.unwrap_or(after.len());
    let is_valid = (1..=MAX_PART).contains(&equals)
        && is(bytes[0], KEY_START)
        && (1..=MAX_PART).contains(&length)
        && after[length - 1] != b' '
        && comma.is_none_or(|comma| after[comma] == b',');
    if !is_valid {
        return None;
    }
    let (key, value) = (text.get(..equals)?, text.get(equals + 1..)?);
    Some((key, value.get(..length)?, value.get(length + 1..)))
}

/// Returns the index of the first byte that is not part of a value. Values are often long, so this looks at eight bytes at a time.
#[inline]
fn end_of_value(bytes: &[u8]) -> Option<usize> {
    let (chunks, _) = bytes.as_chunks::<8>();
    let is_value = |chunk: &&[u8; 8]| {
        chunk
            .iter()
            .fold(VALUE, |all, byte| all & CLASSES[usize::from(*byte)])
            != 0
    };
    let start = 8 * chunks.iter().take_while(is_value).count();
    let end = bytes[start..].iter().position(|byte| !is(*byte, VALUE))?;
    Some(start + end)
}

#[inline]
fn is(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

const KEY: u8 = 1;
const KEY_START: u8 = 2;
const VALUE: u8 = 4;

/// The classes of each byte: Level 2, 3.3.1.3.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'0'..=b'9' => KEY | KEY_START | VALUE,
            b'_' | b'-' | b'*' | b'/' | b'@' => KEY | VALUE,
            b',' | b'=' => 0,
            b' '..=b'~' => VALUE,
            _ => 0,
        };
        byte += 1;
    }
    classes
};
