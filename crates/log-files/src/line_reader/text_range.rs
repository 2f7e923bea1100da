use std::{num::NonZeroU32, ops::Range};

/// A range of bytes in a line, in a third of the space of an `Option<Range<usize>>`: many of them are kept for each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextRange {
    start: u32,
    /// A value follows at least an opening brace, so that it never ends at zero.
    end: NonZeroU32,
}

impl TextRange {
    /// Returns `None` if the range ends at zero or beyond 4 GiB.
    #[must_use]
    #[inline]
    pub fn new(range: Range<usize>) -> Option<Self> {
        let end = NonZeroU32::new(u32::try_from(range.end).ok()?)?;
        // A range does not begin after its end.
        let start = range.start.min(range.end) as u32;
        Some(Self { start, end })
    }

    /// Returns the indices of the bytes.
    #[must_use]
    #[inline]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end.get() as usize
    }

    /// Returns these bytes of a line. Of another, shorter line, returns none.
    #[must_use]
    #[inline]
    pub fn of(self, line: &[u8]) -> &[u8] {
        line.get(self.range()).unwrap_or_default()
    }
}
