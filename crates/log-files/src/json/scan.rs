//! Finds the members of a JSON object by its text alone.

use super::plain::next_special;
use std::ops::Range;

/// The position of one member in the text of an object.
#[derive(Clone, Debug)]
pub struct Entry {
    /// From after the comma or the opening brace to the end of the value.
    pub whole: Range<usize>,
    /// The key, without its quotes.
    pub key: Range<usize>,
    /// The value, including the quotes of a string.
    pub value: Range<usize>,
}

/// An iterator over the members of an object, with or without spaces between the tokens. It only finds where tokens end, and does not
/// check that they are valid JSON.
#[derive(Clone, Debug)]
pub struct Scan<'j> {
    json: &'j [u8],
    at: usize,
}

/// The text ends within a member, or a key has no colon.
#[derive(Debug)]
pub struct Malformed;

impl<'j> Scan<'j> {
    /// Starts a scan. Returns `None` if the text does not start and end like an object.
    pub fn new(json: &'j [u8]) -> Option<Self> {
        let at = skip_space(json, 0);
        let is_object = json.get(at) == Some(&b'{') && json.trim_ascii_end().ends_with(b"}");
        is_object.then_some(Self { json, at: at + 1 })
    }

    /// Returns the next member, or `None` at the end of the object.
    pub fn try_next(&mut self) -> Result<Option<Entry>, Malformed> {
        let start = skip_space(self.json, self.at);
        if self.json.get(start) != Some(&b'"') {
            return Ok(None);
        }
        let key_end = string_end(self.json, start).ok_or(Malformed)?;
        let colon = skip_space(self.json, key_end);
        if self.json.get(colon) != Some(&b':') {
            return Err(Malformed);
        }
        let value = skip_space(self.json, colon + 1);
        let end = value_end(self.json, value).ok_or(Malformed)?;
        let after = skip_space(self.json, end);
        self.at = match self.json.get(after) {
            Some(b',') => after + 1,
            _ => after,
        };
        Ok(Some(Entry {
            whole: start..end,
            key: start + 1..key_end - 1,
            value: value..end,
        }))
    }

    /// Returns whether only the closing brace of the object is left.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let rest = self.json.get(self.at..).unwrap_or_default();
        rest.trim_ascii() == b"}"
    }
}

/// Ends at malformed text.
impl Iterator for Scan<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        self.try_next().ok().flatten()
    }
}

/// Returns the members of an object. Returns none if the text is not an object.
pub fn entries(json: &[u8]) -> Vec<Entry> {
    Scan::new(json).map_or_else(Vec::new, Iterator::collect)
}

fn skip_space(json: &[u8], mut at: usize) -> usize {
    while matches!(json.get(at), Some(b' ' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

/// Returns the index after the closing quote of the string that starts at `at`.
#[inline]
pub fn string_end(json: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += next_special(json.get(at..)?)?;
        if json[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Returns the index after the value that starts at `at`.
#[inline]
pub fn value_end(json: &[u8], at: usize) -> Option<usize> {
    match json.get(at)? {
        b'"' => string_end(json, at),
        _ => other_end(json, at),
    }
}

/// Returns the index after a value that is not a string.
fn other_end(json: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    let mut depth = 0_usize;
    loop {
        match json.get(at)? {
            b'"' => {
                at = string_end(json, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' | b' ' | b'\t' | b'\r' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_at_its_first_unescaped_quote() {
        for length in 0..20 {
            let plain = "é".repeat(length);
            for escape in ["", r#"\""#, r"\\"] {
                let text = format!(r#""{plain}{escape}{plain}""#);
                let followed = format!(r#"{text},"next""#);
                assert_eq!(
                    string_end(followed.as_bytes(), 0),
                    Some(text.len()),
                    "{followed}"
                );
                assert_eq!(string_end(&text.as_bytes()[..text.len() - 1], 0), None);
            }
        }
    }
}
