use super::{
    filter::Filter,
    identity::Identity,
    index::{IndexedBlock, TraceIndex},
    keys::{KeySet, Keys},
    times::Times,
};
use std::{fs::File, io};

/// No block is longer. A reader keeps a whole block in memory.
pub const MAX_BLOCK_BYTES: usize = 4 << 20;

/// Builds an index while a file is compressed or read.
///
/// For each block, add the lines in it, and then end it.
#[derive(Debug, Default)]
#[must_use = "an index is built by `finish`"]
pub struct IndexBuilder {
    keys: Keys,
    times: Times,
    blocks: Vec<IndexedBlock>,
    is_unwrapped: bool,
    is_impossible: bool,
}

impl IndexBuilder {
    /// The builder of an index without blocks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether the lines that are added are unwrapped, because a container runtime has stored them. The default is `false`.
    pub fn with_unwrapped_lines(mut self, enabled: bool) -> Self {
        self.is_unwrapped = enabled;
        self
    }

    /// Adds the ids and the times of one or more whole lines to the block.
    pub fn add(&mut self, lines: &[u8]) {
        self.keys.add(lines);
        match self.is_unwrapped {
            // The time that the runtime has added can count more than that of the logger.
            true => self.times.add_uncertain(),
            false => self.times.add(lines),
        }
    }

    /// Ends the block, which has this text. `file_length` is the length of its gzip member, or 0 if blocks are no members.
    pub fn end_block(&mut self, text: &[u8], file_length: usize) {
        let KeySet { single, ranges } = self.keys.take();
        let (start, file_offset) = self.blocks.last().map_or((0, 0), |last| {
            let file_end = last.file_offset + u64::from(last.file_length);
            (last.text.end, file_end)
        });
        let times = self.times.take();
        let filter = Filter::of(&single);
        match (filter, u32::try_from(file_length)) {
            (Some(filter), Ok(file_length)) if text.len() <= MAX_BLOCK_BYTES => {
                self.blocks.push(IndexedBlock {
                    text: start..start + text.len() as u64,
                    file_offset,
                    file_length,
                    sum: crc32fast::hash(text),
                    times,
                    filter,
                    ranges,
                });
            }
            _ => self.is_impossible = true,
        }
    }

    /// Returns the index of the file that has these blocks, or `None` if a block is too long.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn finish(self, file: &File) -> io::Result<Option<TraceIndex>> {
        let index = TraceIndex {
            identity: Identity::of(file)?,
            has_members: self.blocks.iter().all(|block| block.file_length > 0),
            is_unwrapped: self.is_unwrapped,
            blocks: self.blocks,
        };
        Ok((!self.is_impossible).then_some(index))
    }
}
