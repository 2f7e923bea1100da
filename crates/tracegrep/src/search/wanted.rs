use log_files::trace_index::IndexedBlock;
use std::ops::Range;

/// What a scan looks for.
pub(crate) trait Wanted {
    /// Whether lines without an id belong to the line before them.
    const TAKES_FOLLOWING: bool;

    /// Whether the last part of a file is searched first, if an index allows it. The lines of a file are then found in another order.
    const STARTS_AT_END: bool = false;

    /// Returns the range of the first thing wanted that begins at `from` or after it.
    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>>;

    /// Whether an index can say where it is not.
    fn uses_index(&self) -> bool {
        false
    }

    /// Whether it may be in a block of an index. What was found so far can count.
    fn may_be_in(&self, _block: &IndexedBlock) -> bool {
        true
    }
}
