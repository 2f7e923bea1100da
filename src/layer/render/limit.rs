//! Cuts a line that is too long. It stays valid JSON.

use log_files::json::{Entry, entries};
use std::ops::Range;

/// The sections of a line that are treated differently.
pub(super) struct Sections {
    /// The ids, which are never cut.
    pub(super) ids: Range<usize>,
    /// Where the user's fields begin.
    pub(super) user: usize,
}

/// Strings of up to this length, such as names, methods and levels, are cut only if nothing else helps.
const KEPT_LENGTH: usize = 64;

/// A member of the line that is being cut.
struct Part<'a> {
    key: &'a [u8],
    value: &'a [u8],
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// The time, the level and the ids.
    Untouched,
    Fixed,
    User,
}

/// Makes `line` at most `limit` bytes long, newline included. It cuts the longest strings, all to one length. If that is not
/// enough, it removes user fields, the longest first. Then it cuts and removes fixed members too, but never time, level and ids.
#[cold]
pub(super) fn cut(line: &mut Vec<u8>, sections: &Sections, limit: usize, truncated: &[u8]) {
    let json = &line[..line.len() - 1];
    let mut parts: Vec<Part<'_>> = entries(json)
        .into_iter()
        .enumerate()
        .map(|(index, entry)| part(json, index, &entry, sections))
        .collect();
    // Each part has a comma before it. The first comma becomes the opening brace.
    let room = limit.saturating_sub(b"}\n".len() + truncated.len());

    let mut length = longest_string(&parts, room, KEPT_LENGTH);
    while length.is_none() {
        let longest_of = |kind: Kind| {
            parts
                .iter()
                .enumerate()
                .filter(|(_, part)| part.kind == kind)
                .max_by_key(|(_, part)| part.least(KEPT_LENGTH))
                .map(|(index, _)| index)
        };
        if let Some(index) = longest_of(Kind::User) {
            parts.remove(index);
            length = longest_string(&parts, room, KEPT_LENGTH);
        } else if let Some(shorter) = longest_string(&parts, room, 0) {
            length = Some(shorter);
        } else if let Some(index) = longest_of(Kind::Fixed) {
            parts.remove(index);
        } else {
            // Time, level and ids alone are a few hundred bytes, and the limit is a thousand at least.
            length = Some(0);
        }
    }
    let length = length.unwrap_or(0);

    let mut out = Vec::with_capacity(limit);
    let mut is_marked = false;
    for part in &parts {
        if part.kind == Kind::User && !is_marked {
            out.extend_from_slice(truncated);
            is_marked = true;
        }
        part.push(&mut out, length);
    }
    if !is_marked {
        out.extend_from_slice(truncated);
    }
    out[0] = b'{';
    out.extend_from_slice(b"}\n");
    *line = out;
}

fn part<'a>(json: &'a [u8], index: usize, entry: &Entry, sections: &Sections) -> Part<'a> {
    let start = entry.whole.start;
    let kind = if index < 2 || sections.ids.contains(&start) {
        Kind::Untouched
    } else if start <= sections.user {
        Kind::Fixed
    } else {
        Kind::User
    };
    Part {
        key: &json[start..entry.value.start],
        value: &json[entry.value.clone()],
        kind,
    }
}

/// Returns the length, at least `floor`, to which strings must be cut for all members to fit. Returns `None` if even `floor` is too long.
fn longest_string(parts: &[Part<'_>], room: usize, floor: usize) -> Option<usize> {
    let fits = |length: usize| parts.iter().map(|part| part.least(length)).sum::<usize>() <= room;
    if !fits(floor) {
        return None;
    }
    let mut least = floor;
    let mut most = room.max(floor);
    while least < most {
        let middle = most - (most - least) / 2;
        if fits(middle) {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    Some(least)
}

impl Part<'_> {
    /// The text within the quotes, if it can be cut.
    fn text(&self) -> Option<&[u8]> {
        match self.value {
            [b'"', text @ .., b'"'] if self.kind != Kind::Untouched => Some(text),
            _ => None,
        }
    }

    /// Returns the length of the member if strings are cut to `length`.
    fn least(&self, length: usize) -> usize {
        let value = match self.text() {
            Some(text) => text.len().min(length) + b"\"\"".len(),
            None => self.value.len(),
        };
        b",".len() + self.key.len() + value
    }

    fn push(&self, out: &mut Vec<u8>, length: usize) {
        out.push(b',');
        out.extend_from_slice(self.key);
        match self.text() {
            Some(text) if text.len() > length => {
                out.push(b'"');
                out.extend_from_slice(&text[..boundary(text, length)]);
                out.push(b'"');
            }
            _ => out.extend_from_slice(self.value),
        }
    }
}

/// The last offset, up to `length`, at which escaped text can be cut: between characters, and not within an escape.
fn boundary(text: &[u8], length: usize) -> usize {
    let mut at = 0;
    while at < text.len() {
        let width = match text[at] {
            b'\\' if text.get(at + 1) == Some(&b'u') => 6,
            b'\\' => 2,
            0x00..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0.. => 4,
        };
        if at + width > length {
            break;
        }
        at += width;
    }
    at
}
