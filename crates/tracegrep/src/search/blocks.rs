use memchr::{memchr, memrchr};
use std::io::{self, Read};

/// How much is read at once. It fits into the cache of a core, so that what was read is searched while it is there.
const READ_BYTES: usize = 256 << 10;

/// How much is read first. Many files are short.
const FIRST_BYTES: usize = 16 << 10;

/// The buffer grows by no more at once.
const MAX_GROWTH: usize = 1 << 20;

/// A line that is longer than this is given in parts.
pub(super) const MAX_LINE_BYTES: usize = 4 << 20;

/// Reads a text in blocks of whole lines, in bounded memory.
pub(super) struct Blocks<R> {
    reader: R,
    buffer: Vec<u8>,
    /// How many bytes of the buffer have text.
    filled: usize,
    /// How many bytes of it were in the last block.
    given: usize,
    /// The offset in the text at which the buffer begins.
    offset: u64,
    /// The last read filled the buffer, so that the text is long.
    is_full: bool,
    is_at_end: bool,
    is_in_line: bool,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block<'b> {
    pub(super) offset: u64,
    pub(super) text: &'b [u8],
    /// The block has a part of a line that is too long, and not whole lines.
    pub(super) is_part: bool,
    /// It is the last part of that line. It ends with the newline, if the line has one.
    pub(super) is_last_part: bool,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            filled: 0,
            given: 0,
            offset: 0,
            is_full: false,
            is_at_end: false,
            is_in_line: false,
        }
    }

    /// Returns the next block, or `None` at the end. The last block may end without a newline.
    pub(super) fn next(&mut self) -> io::Result<Option<Block<'_>>> {
        self.drop_given();
        let mut searched = 0;
        loop {
            let text = self.buffer.get(..self.filled).unwrap_or_default();
            let newest = text.get(searched..).unwrap_or_default();
            let newline = match self.is_in_line {
                true => memchr(b'\n', newest),
                false => memrchr(b'\n', newest),
            };
            let end = newline.map(|at| searched + at + 1);
            let end = end.or((self.is_at_end && self.filled > 0).then_some(self.filled));
            if let Some(end) = end {
                let is_part = std::mem::take(&mut self.is_in_line);
                return Ok(Some(self.give(end, is_part, true)));
            }
            if self.is_at_end {
                return Ok(None);
            }
            if self.filled >= MAX_LINE_BYTES || (self.is_in_line && self.filled >= READ_BYTES) {
                self.is_in_line = true;
                return Ok(Some(self.give(self.filled, true, false)));
            }
            searched = self.filled;
            self.read()?;
        }
    }

    fn give(&mut self, end: usize, is_part: bool, is_last_part: bool) -> Block<'_> {
        self.given = end;
        Block {
            offset: self.offset,
            text: self.buffer.get(..end).unwrap_or_default(),
            is_part,
            is_last_part,
        }
    }

    /// Moves the text after the last block to the start of the buffer.
    fn drop_given(&mut self) {
        self.buffer.copy_within(self.given..self.filled, 0);
        self.filled -= self.given;
        self.offset += self.given as u64;
        self.given = 0;
    }

    fn read(&mut self) -> io::Result<()> {
        let wanted = match (self.buffer.is_empty(), self.is_full) {
            (true, _) => FIRST_BYTES,
            (false, true) => READ_BYTES,
            (false, false) => 1,
        };
        if self.buffer.len() - self.filled < wanted {
            let growth = self.filled.clamp(wanted.max(FIRST_BYTES), MAX_GROWTH);
            self.buffer.resize(self.filled + growth, 0);
        }
        let free = self.buffer.get_mut(self.filled..).unwrap_or_default();
        match self.reader.read(free) {
            Ok(0) => self.is_at_end = true,
            Ok(read) => {
                self.is_full = read == free.len();
                self.filled += read;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(reader: impl Read) -> Vec<(u64, usize, bool, bool)> {
        let mut blocks = Blocks::new(reader);
        let mut all = Vec::new();
        while let Some(block) = blocks.next().expect("readable") {
            all.push((
                block.offset,
                block.text.len(),
                block.is_part,
                block.is_last_part,
            ));
        }
        all
    }

    #[test]
    fn blocks_end_with_a_newline_except_at_the_end() {
        assert_eq!(blocks(&b""[..]), []);
        assert_eq!(
            blocks(&b"one\ntwo\nthr"[..]),
            [(0, 8, false, true), (8, 3, false, true)]
        );
        let long = [vec![b'x'; READ_BYTES * 3], b"\nend".to_vec()].concat();
        let length = READ_BYTES * 3 + 1;
        assert_eq!(
            blocks(&*long),
            [(0, length, false, true), (length as u64, 3, false, true)]
        );
    }

    #[test]
    fn a_line_that_is_too_long_is_given_in_parts() {
        let bytes = MAX_LINE_BYTES as u64 * 3;
        let long = io::repeat(b'x').take(bytes).chain(&b"\nnext\n"[..]);
        let mut blocks = Blocks::new(long);
        let mut end = 0;
        while let Some(block) = blocks.next().expect("readable") {
            assert_eq!(block.offset, end);
            end += block.text.len() as u64;
            match block.text {
                b"next\n" => assert!(!block.is_part),
                part => {
                    assert!(block.is_part);
                    assert_eq!(block.is_last_part, part.ends_with(b"\n"));
                }
            }
        }
        assert_eq!(end, bytes + 6);
        assert!(blocks.buffer.len() <= MAX_LINE_BYTES + (2 << 20));
    }
}
