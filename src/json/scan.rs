//! Finding the members of an object that this crate wrote.

use std::ops::Range;

/// Where one member of an object stands in its text.
pub(crate) struct Entry {
    /// From the comma or the opening brace, exclusive, to the end of the value.
    pub(crate) whole: Range<usize>,
    /// The value, a string's quotes included.
    pub(crate) value: Range<usize>,
}

/// The members of the object that `json` is. Relies on the text being our own: no spaces, valid.
pub(crate) fn entries(json: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at = 1;
    while at < json.len() && json[at] == b'"' {
        let start = at;
        let value = string_end(json, at) + 1;
        let end = value_end(json, value);
        entries.push(Entry {
            whole: start..end,
            value: value..end,
        });
        at = end + 1;
    }
    entries
}

/// The index behind the string that begins at `at`.
fn string_end(json: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < json.len() && json[at] != b'"' {
        at += if json[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// The index behind the value that begins at `at`: where its member's comma or its object's brace stands.
pub(super) fn value_end(json: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < json.len() {
        match json[at] {
            b'"' => {
                at = string_end(json, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b',' | b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    at
}
