//! The lines of a file that is read in chunks, in bounded memory and linear time.
//!
//! # Holes
//!
//! A file has a hole where bytes were never written, and reads as NUL bytes there. This happens
//! - after `> app.log` or `logrotate`'s `copytruncate`, if the process does not append (`O_APPEND`) but writes on at its old offset;
//! - after a loss of power, if the length of a file was stored and its last blocks were not;
//! - at the end of a file whose writer reserves space in advance, such as log4j's `MemoryMappedFileAppender`.
//!
//! So NUL bytes are left out of the text of a line, and counted ([`RawLine::nuls`]). A hole of 64 bytes or more also ends a line
//! that began before it: a line that was torn by a loss of power is not joined with the first line after the hole.

mod binary;
mod raw_line;
mod splitter;

pub use self::{
    binary::is_binary,
    raw_line::RawLine,
    splitter::{LineSplitter, Lines},
};

/// A line that is longer than this is given in parts, unless [`LineSplitter::with_max_line_bytes`] says otherwise.
pub const MAX_LINE_BYTES: usize = 8 << 20;

/// A run of at least this many NUL bytes is a hole. A shorter one may be a part of the text, such as the end of a fixed-size buffer.
const HOLE_BYTES: u64 = 64;

/// Returns how many bytes at the start are NUL.
fn leading_nuls(bytes: &[u8]) -> usize {
    const WORD: usize = 32;
    let words = bytes.chunks_exact(WORD);
    let skipped = words.take_while(|word| **word == [0; WORD]).count() * WORD;
    let rest = &bytes[skipped..];
    skipped + rest.iter().take_while(|byte| **byte == 0).count()
}
