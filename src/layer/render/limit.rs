//! Cuts a line that is too long. It stays valid JSON.

use log_files::json::{self, Cut, Entry};
use std::ops::Range;

/// The sections of a line that are treated differently.
pub(super) struct Sections {
    /// The ids, which are never cut.
    pub(super) ids: Range<usize>,
    /// Where the user's fields begin.
    pub(super) user: usize,
}

impl Sections {
    fn when(&self, index: usize, entry: &Entry) -> Cut {
        let start = entry.whole.start;
        // The first two members are time and level.
        if index < 2 || self.ids.contains(&start) {
            Cut::Never
        } else if start <= self.user {
            Cut::Last
        } else {
            Cut::First
        }
    }
}

/// Makes `line` at most `limit` bytes long, newline included. User fields are cut first, and time, level and ids never: they are a few
/// hundred bytes, and the limit is a thousand at least.
#[cold]
pub(super) fn cut(line: &mut Vec<u8>, sections: &Sections, limit: usize, truncated: &[u8]) {
    let json = &line[..line.len() - 1];
    let when = |index, entry: &Entry| sections.when(index, entry);
    if let Some(mut short) = json::cut(json, limit - 1, truncated, when) {
        short.push(b'\n');
        *line = short;
    }
}
