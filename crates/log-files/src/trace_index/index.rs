use super::{filter::Filter, identity::Identity, key::TraceKey};
use std::ops::{Range, RangeInclusive};

/// The index of one file: its blocks, which follow one another and have all of its text.
#[derive(Clone, Debug)]
pub struct TraceIndex {
    pub(super) identity: Identity,
    pub(super) has_members: bool,
    pub(super) is_unwrapped: bool,
    pub(super) blocks: Vec<IndexedBlock>,
}

/// A part of a text, with the ids and the times in it.
#[derive(Clone, Debug)]
pub struct IndexedBlock {
    pub(super) text: Range<u64>,
    pub(super) file_offset: u64,
    pub(super) file_length: u32,
    pub(super) sum: u32,
    pub(super) times: Option<RangeInclusive<i64>>,
    pub(super) filter: Filter,
    pub(super) ranges: Vec<RangeInclusive<u64>>,
}

impl TraceIndex {
    /// The blocks, in the order of the text.
    #[must_use]
    pub fn blocks(&self) -> &[IndexedBlock] {
        &self.blocks
    }

    /// Whether the ids are those of lines that were unwrapped, because a container runtime has stored them.
    #[must_use]
    pub fn is_unwrapped(&self) -> bool {
        self.is_unwrapped
    }

    /// Whether each block is a gzip member, at which a reader can begin.
    #[must_use]
    pub fn has_members(&self) -> bool {
        self.has_members
    }

    /// Returns where the gzip member of a block begins in the file, if each block is a member.
    #[must_use]
    pub fn member_of(&self, block: &IndexedBlock) -> Option<u64> {
        self.has_members.then_some(block.file_offset)
    }
}

impl IndexedBlock {
    /// Where the block is in the text.
    #[must_use]
    pub fn text(&self) -> Range<u64> {
        self.text.clone()
    }

    /// Returns a range that contains the times of all lines of the block, in nanoseconds since 1970. Returns `None` if the time of a line is
    /// not certain.
    #[must_use]
    pub fn times(&self) -> Option<&RangeInclusive<i64>> {
        self.times.as_ref()
    }

    /// Whether an id may be in the block. If this is `false`, it is not.
    #[must_use]
    pub fn may_have(&self, key: TraceKey) -> bool {
        self.filter.may_have(key.0) || self.ranges.iter().any(|range| range.contains(&key.0))
    }

    /// Whether this is the text of the block.
    #[must_use]
    pub fn is(&self, text: &[u8]) -> bool {
        crc32fast::hash(text) == self.sum
    }
}
