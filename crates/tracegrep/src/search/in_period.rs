use super::{period::Period, wanted::Wanted};
use crate::record::Reader;
use log_files::trace_index::IndexedBlock;
use std::ops::Range;

/// What is wanted of a period alone. Lines outside of it can be found too, but no part of a file is read for them that an index can rule out.
///
/// No line belongs to the line before it here: such a line could be in another block.
pub(super) struct InPeriod<W> {
    wanted: W,
    /// `None` if times cannot rule out any part.
    period: Option<Period>,
}

impl<W: Wanted> InPeriod<W> {
    /// An index does not know keys of the user, under which a line can have another time.
    pub(super) fn new(wanted: W, period: Period, reader: &Reader) -> Self {
        let is_usable = reader.has_known_keys_only() && !period.is_open();
        let period = is_usable.then_some(period);
        Self { wanted, period }
    }
}

impl<W: Wanted> Wanted for InPeriod<W> {
    const TAKES_FOLLOWING: bool = false;

    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        self.wanted.find(text, from)
    }

    fn uses_index(&self) -> bool {
        self.period.is_some()
    }

    fn may_be_in(&self, block: &IndexedBlock) -> bool {
        match (self.period, block.times()) {
            (Some(period), Some(times)) => period.overlaps(times),
            _ => true,
        }
    }
}
