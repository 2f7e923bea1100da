use super::{blocks::Block, taken::Taken, wanted::Wanted};
use std::ops::Range;

/// Of a line that is too long to be kept, only this much is.
const KEPT_BYTES: usize = 64 << 10;

/// No form of an id is longer, with what has to be beside it.
const SEAM_BYTES: usize = 64;

/// A line that is read in parts.
pub(super) struct LongLine {
    taken: Taken,
    is_wanted: bool,
    /// The end of the part before.
    seam: Vec<u8>,
}

impl LongLine {
    /// Begins with the first part.
    pub(super) fn new<W: Wanted>(first: &Block<'_>, wanted: &W) -> Self {
        let mut line = Self {
            taken: Taken {
                offset: first.offset,
                raw: first_bytes(first.text, KEPT_BYTES).to_vec(),
                following: Vec::new(),
                left_out: 0,
                is_cut: true,
            },
            is_wanted: false,
            seam: Vec::new(),
        };
        line.search(first.text, true, first.is_last_part, wanted);
        line
    }

    /// Searches the next part. An id may be divided between two parts, so the seam between them is searched too.
    pub(super) fn add<W: Wanted>(&mut self, part: &Block<'_>, wanted: &W) {
        let seam = [&*self.seam, first_bytes(part.text, SEAM_BYTES)].concat();
        let is_end = part.text.len() <= SEAM_BYTES && part.is_last_part;
        self.is_wanted |= is_inside(wanted.find(&seam, 0), &seam, false, is_end);
        self.search(part.text, false, part.is_last_part, wanted);
    }

    /// Returns the beginning of the line, if it is wanted.
    pub(super) fn finish(self) -> Option<Taken> {
        self.is_wanted.then_some(self.taken)
    }

    fn search<W: Wanted>(&mut self, text: &[u8], is_start: bool, is_end: bool, wanted: &W) {
        self.is_wanted = self.is_wanted || is_inside(wanted.find(text, 0), text, is_start, is_end);
        let seam = text.len().saturating_sub(SEAM_BYTES);
        self.seam = text.get(seam..).unwrap_or_default().to_vec();
    }
}

/// Whether something was found, and the text around it shows that it is whole. It is not known to be whole if it touches an end of the text
/// and the line continues there.
fn is_inside(found: Option<Range<usize>>, text: &[u8], is_start: bool, is_end: bool) -> bool {
    found.is_some_and(|found| (is_start || found.start > 0) && (is_end || found.end < text.len()))
}

fn first_bytes(text: &[u8], most: usize) -> &[u8] {
    text.get(..most).unwrap_or(text)
}
