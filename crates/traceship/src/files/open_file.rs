//! An open log file, plain or compressed with gzip.

use super::{
    find::Candidate,
    identity::{FileId, HEAD_BYTES, inode, inode_on},
};
use flate2::{Crc, read::MultiGzDecoder};
use log_files::{disk::open_named, is_removed};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    time::SystemTime,
};

/// A longer line is read in parts, so that a file without newlines does not fill the memory.
const MAX_LINE_BYTES: usize = 8 << 20;
/// How many bytes before an offset are compared to distinguish files with the same first line.
pub(crate) const TAIL_BYTES: u64 = 256;

/// An open file. It stays the same file when its path is renamed or removed.
pub(crate) struct OpenFile {
    pub(crate) id: FileId,
    /// The file's own inode. The inode in `id` is that of the original, if this is a compressed copy.
    inode: u64,
    bytes: Bytes,
}

enum Bytes {
    Plain(File),
    Gzip {
        decoder: Box<MultiGzDecoder<File>>,
        /// The offset in the uncompressed text at which the decoder is.
        position: u64,
    },
}

/// Complete lines of a file, from an offset on.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) text: Vec<u8>,
    /// Whether the file has no complete line after these now.
    pub(crate) is_last: bool,
}

impl OpenFile {
    /// Opens a file. Returns `None` while its first line is incomplete.
    pub(crate) fn open(path: &Path) -> io::Result<Option<Self>> {
        let mut file = open_named(path)?;
        let mut magic = [0; 2];
        let is_compressed = read_full(&mut file, &mut magic)? == 2 && magic == [0x1f, 0x8b];
        file.seek(SeekFrom::Start(0))?;
        let own = inode(&file.metadata()?);
        let mut head = vec![0; HEAD_BYTES];
        if !is_compressed {
            let length = read_full(&mut file, &mut head)?;
            let id = FileId::from_head(own, &head[..length]);
            return Ok(id.map(|id| Self {
                id,
                inode: own,
                bytes: Bytes::Plain(file),
            }));
        }
        let mut decoder = MultiGzDecoder::new(file);
        let length = read_full(&mut decoder, &mut head)?;
        // The comment in the header names the inode of the file before it was compressed. See `writer::rolling`.
        let comment = decoder.header().and_then(|header| header.comment());
        let comment = comment.and_then(|comment| std::str::from_utf8(comment).ok());
        let original = comment.and_then(|comment| {
            let (device, inode) = comment.rsplit_once(':')?;
            Some(inode_on(device.parse().ok()?, inode.parse().ok()?))
        });
        let id = FileId::from_head(original.unwrap_or(own), &head[..length]);
        let file = open_named(path)?;
        Ok(id.map(|id| Self {
            id,
            inode: own,
            bytes: Bytes::Gzip {
                decoder: Box::new(MultiGzDecoder::new(file)),
                position: 0,
            },
        }))
    }

    /// Whether the file is compressed, and therefore complete: nothing is appended to a compressed file.
    pub(crate) fn is_compressed(&self) -> bool {
        matches!(self.bytes, Bytes::Gzip { .. })
    }

    /// Whether this is the file that was found at a path.
    pub(crate) fn is_same_file(&self, candidate: &Candidate) -> bool {
        self.inode == candidate.inode
    }

    /// Whether the file still begins with the same line. If not, it was emptied in place.
    pub(crate) fn has_same_head(&mut self) -> io::Result<bool> {
        let Bytes::Plain(file) = &mut self.bytes else {
            return Ok(true);
        };
        let mut head = vec![0; HEAD_BYTES];
        file.seek(SeekFrom::Start(0))?;
        let length = read_full(file, &mut head)?;
        Ok(FileId::from_head(self.id.inode, &head[..length]) == Some(self.id))
    }

    fn file(&self) -> &File {
        match &self.bytes {
            Bytes::Plain(file) => file,
            Bytes::Gzip { decoder, .. } => decoder.get_ref(),
        }
    }

    /// Returns when the file was last modified, in nanoseconds since 1970.
    ///
    /// That time is accurate to some milliseconds only. The digits below a millisecond are a hash of the file's identity, so that equal lines
    /// of two files get different times.
    pub(crate) fn modified(&self) -> i64 {
        let metadata = self.file().metadata();
        let modified = metadata.and_then(|metadata| metadata.modified());
        let modified = modified.unwrap_or_else(|_| SystemTime::now());
        let since = modified.duration_since(SystemTime::UNIX_EPOCH);
        let millis = since.map_or(0, |since| since.as_millis());
        i64::try_from(millis * 1_000_000).unwrap_or(0) + self.id.hash_below(1_000_000)
    }

    /// Returns the checksum of the last bytes before an offset, at most [`TAIL_BYTES`]. It differs between files with the same first line.
    /// Returns `None` if the file is shorter than the offset.
    pub(crate) fn tail_at(&mut self, offset: u64) -> io::Result<Option<u32>> {
        let start = offset.saturating_sub(TAIL_BYTES);
        let mut tail = vec![0; usize::try_from(offset - start).unwrap_or(0)];
        if self.read_at(start, &mut tail)? < tail.len() {
            return Ok(None);
        }
        let mut sum = Crc::new();
        sum.update(&tail);
        Ok(Some(sum.sum()))
    }

    /// Whether the complete contents of this file are a copy of the beginning of another. Files shorter than [`TAIL_BYTES`] can be equal by
    /// chance, and do not count as copies.
    pub(crate) fn is_copy_of(&mut self, original: &mut Self) -> io::Result<bool> {
        let both = self.common_length(original);
        let is_all = self.content_length() == Some(both);
        Ok(is_all && both >= TAIL_BYTES && self.shares_content_with(original)?)
    }

    /// Whether both files are equal up to the length of the shorter one, judging by the bytes before that length.
    pub(crate) fn shares_content_with(&mut self, other: &mut Self) -> io::Result<bool> {
        let both = self.common_length(other);
        let tail = self.tail_at(both)?;
        Ok(both > 0 && tail.is_some() && tail == other.tail_at(both)?)
    }

    fn common_length(&self, other: &Self) -> u64 {
        let (own, others) = (self.content_length(), other.content_length());
        own.unwrap_or(0).min(others.unwrap_or(0))
    }

    fn content_length(&self) -> Option<u64> {
        self.length().or_else(|| self.uncompressed_length())
    }

    /// Whether the file was removed from its folder.
    pub(crate) fn is_removed(&self) -> bool {
        is_removed(self.file())
    }

    /// Returns the present length of a plain file, or `None` for a compressed one.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.bytes {
            Bytes::Plain(file) => file.metadata().ok().map(|metadata| metadata.len()),
            Bytes::Gzip { .. } => None,
        }
    }

    /// Whether the text ends at an offset now.
    pub(crate) fn ends_at(&self, offset: u64) -> bool {
        match &self.bytes {
            Bytes::Plain(_) => self.length().is_some_and(|length| length <= offset),
            Bytes::Gzip { .. } => self.uncompressed_length() == Some(offset & 0xffff_ffff),
        }
    }

    /// Returns the length of the text of a compressed file, modulo 4 GiB: the last four bytes of a gzip file.
    pub(crate) fn uncompressed_length(&self) -> Option<u64> {
        let Bytes::Gzip { .. } = self.bytes else {
            return None;
        };
        let mut length = [0; 4];
        // A clone shares the position of the decoder's file, so the position is restored.
        let mut file = self.file().try_clone().ok()?;
        let position = file.stream_position().ok()?;
        let read = file.seek(SeekFrom::End(-4));
        let read = read.and_then(|_| file.read_exact(&mut length));
        file.seek(SeekFrom::Start(position)).ok()?;
        read.is_ok().then(|| u32::from_le_bytes(length).into())
    }

    /// Reads complete lines from an offset on, about `bytes` of them, into the given buffer. With `to_end`, a last line without a newline is
    /// read too.
    pub(crate) fn read(
        &mut self,
        offset: u64,
        bytes: usize,
        to_end: bool,
        mut text: Vec<u8>,
    ) -> io::Result<Chunk> {
        text.resize(bytes, 0);
        let mut length = self.read_at(offset, &mut text)?;
        let mut is_last = length < bytes;
        loop {
            let end = text[..length]
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map(|at| at + 1);
            match end {
                Some(end) if !(is_last && to_end) => {
                    text.truncate(end);
                    return Ok(Chunk { text, is_last });
                }
                _ if is_last && !to_end => {
                    text.clear();
                    return Ok(Chunk { text, is_last });
                }
                _ if is_last || length >= MAX_LINE_BYTES => {
                    text.truncate(length);
                    return Ok(Chunk { text, is_last });
                }
                _ => {}
            }
            // The text has no newline, so the line is longer than the buffer.
            text.resize(length * 2, 0);
            let more = self.read_at(offset + length as u64, &mut text[length..])?;
            is_last = more < text.len() - length;
            length += more;
        }
    }

    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.bytes {
            Bytes::Plain(file) => {
                file.seek(SeekFrom::Start(offset))?;
                read_full(file, buffer)
            }
            Bytes::Gzip { decoder, position } => {
                if offset < *position {
                    let mut file = decoder.get_ref().try_clone()?;
                    file.seek(SeekFrom::Start(0))?;
                    **decoder = MultiGzDecoder::new(file);
                    *position = 0;
                }
                let skipped = io::copy(
                    &mut decoder.by_ref().take(offset - *position),
                    &mut io::sink(),
                )?;
                *position += skipped;
                let read = read_full(decoder, buffer)?;
                *position += read as u64;
                Ok(read)
            }
        }
    }
}

/// Reads until the buffer is full or the input ends.
fn read_full(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match from.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}
