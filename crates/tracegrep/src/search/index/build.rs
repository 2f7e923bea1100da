use crate::search::{
    blocks::{Block, Blocks},
    container_lines::ContainerLines,
    file_text::FileText,
    scan::{end_of_line, is_binary_text},
};
use log_files::trace_index::{IndexBuilder, TraceIndex};
use std::io;

/// What became of the index of a file.
pub(super) enum Built {
    Index(TraceIndex),
    /// The file is not a text.
    Binary,
    /// A line is too long to be a part of a block.
    LongLine,
}

/// Builds the index of a text, in blocks of about this length.
///
/// # Errors
///
/// If the file cannot be read.
pub(super) fn build(text: &mut FileText, block_bytes: usize) -> io::Result<Built> {
    let mut building = Building::new(block_bytes);
    let mut blocks = Blocks::new(&mut *text);
    while let Some(block) = blocks.next()? {
        if block.offset == 0 {
            if is_binary_text(&block) {
                return Ok(Built::Binary);
            }
            building.begin(&block);
        }
        if block.is_part {
            return Ok(Built::LongLine);
        }
        building.push(&block);
    }
    let index = building.finish().finish(text.file())?;
    Ok(index.map_or(Built::LongLine, Built::Index))
}

struct Building {
    block_bytes: usize,
    builder: IndexBuilder,
    container: Option<ContainerLines>,
    /// The text of the block that is being built.
    text: Vec<u8>,
}

impl Building {
    fn new(block_bytes: usize) -> Self {
        Self {
            block_bytes,
            builder: IndexBuilder::new(),
            container: None,
            text: Vec::new(),
        }
    }

    fn begin(&mut self, first: &Block<'_>) {
        self.container = ContainerLines::detect(first.text, first.offset);
        self.builder = IndexBuilder::new().with_unwrapped_lines(self.container.is_some());
    }

    fn push(&mut self, block: &Block<'_>) {
        let mut rest = block.text;
        while !rest.is_empty() {
            let (line, after) = rest.split_at(end_of_line(rest, 0));
            rest = after;
            let is_between_lines = match &mut self.container {
                Some(container) => {
                    container.push(line, |line| self.builder.add(&line.text));
                    // The parts of a line are in one block.
                    line.ends_with(b"\n") && container.is_between_lines()
                }
                None => true,
            };
            self.text.extend_from_slice(line);
            if self.text.len() >= self.block_bytes && is_between_lines {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        if self.container.is_none() {
            self.builder.add(&self.text);
        }
        self.builder.end_block(&self.text, 0);
        self.text.clear();
    }

    fn finish(mut self) -> IndexBuilder {
        if let Some(container) = &mut self.container {
            container.finish(|line| self.builder.add(&line.text));
        }
        if !self.text.is_empty() {
            self.end_block();
        }
        self.builder
    }
}
