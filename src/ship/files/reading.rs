//! The bytes of a file, from where they are wanted.

use super::{
    find::Candidate,
    identity::{FileId, HEAD, inode, inode_on},
};
use crate::disk::open_named;
use flate2::{Crc, read::MultiGzDecoder};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    time::SystemTime,
};

/// A line that is longer is taken in parts: nothing is held that has no end.
const LONGEST: usize = 8 << 20;
/// So much before an offset tells one file from another.
pub(in crate::ship) const TAIL: u64 = 256;

/// An open file, which stays the same whatever becomes of its name.
pub(in crate::ship) struct Open {
    pub(in crate::ship) id: FileId,
    /// Its own, where the identity has that of its original.
    inode: u64,
    bytes: Bytes,
}

enum Bytes {
    Plain(File),
    /// How far it has been unpacked.
    Packed {
        unpacked: Box<MultiGzDecoder<File>>,
        at: u64,
    },
}

/// Whole lines of a file, from an offset.
#[derive(Debug)]
pub(in crate::ship) struct Chunk {
    pub(in crate::ship) text: Vec<u8>,
    /// There is no more now; what is left behind it is no whole line.
    pub(in crate::ship) is_last: bool,
}

impl Open {
    /// Opens a file. `None` while its first line is not there.
    pub(in crate::ship) fn at(path: &Path) -> io::Result<Option<Self>> {
        let mut file = open_named(path)?;
        let mut magic = [0; 2];
        let is_packed = read_full(&mut file, &mut magic)? == 2 && magic == [0x1f, 0x8b];
        file.seek(SeekFrom::Start(0))?;
        let own = inode(&file.metadata()?);
        let mut head = vec![0; HEAD];
        if !is_packed {
            let length = read_full(&mut file, &mut head)?;
            let id = FileId::of(own, &head[..length]);
            return Ok(id.map(|id| Self {
                id,
                inode: own,
                bytes: Bytes::Plain(file),
            }));
        }
        let mut unpacked = MultiGzDecoder::new(file);
        let length = read_full(&mut unpacked, &mut head)?;
        // Its comment says which file it was: see `writer::rolling`.
        let comment = unpacked.header().and_then(|header| header.comment());
        let comment = comment.and_then(|comment| std::str::from_utf8(comment).ok());
        let was = comment.and_then(|comment| {
            let (device, inode) = comment.rsplit_once(':')?;
            Some(inode_on(device.parse().ok()?, inode.parse().ok()?))
        });
        let id = FileId::of(was.unwrap_or(own), &head[..length]);
        let file = open_named(path)?;
        Ok(id.map(|id| Self {
            id,
            inode: own,
            bytes: Bytes::Packed {
                unpacked: Box::new(MultiGzDecoder::new(file)),
                at: 0,
            },
        }))
    }

    /// Whether it is complete as it is: nobody appends to a compressed file.
    pub(in crate::ship) fn is_packed(&self) -> bool {
        matches!(self.bytes, Bytes::Packed { .. })
    }

    /// Whether it is the file at a path.
    pub(in crate::ship) fn is_at(&self, candidate: &Candidate) -> bool {
        self.inode == candidate.inode
    }

    /// Whether it begins as it did: one that was emptied in place is another.
    pub(in crate::ship) fn is_still(&mut self) -> io::Result<bool> {
        let Bytes::Plain(file) = &mut self.bytes else {
            return Ok(true);
        };
        let mut head = vec![0; HEAD];
        file.seek(SeekFrom::Start(0))?;
        let length = read_full(file, &mut head)?;
        Ok(FileId::of(self.id.inode, &head[..length]) == Some(self.id))
    }

    fn file(&self) -> &File {
        match &self.bytes {
            Bytes::Plain(file) => file,
            Bytes::Packed { unpacked, .. } => unpacked.get_ref(),
        }
    }

    /// When it was written last, in nanoseconds since 1970. That is no finer than some milliseconds: what is finer tells files apart,
    /// so that equal lines of two of them have no common time.
    pub(in crate::ship) fn modified(&self) -> i64 {
        let metadata = self.file().metadata();
        let modified = metadata.and_then(|metadata| metadata.modified());
        let modified = modified.unwrap_or_else(|_| SystemTime::now());
        let since = modified.duration_since(SystemTime::UNIX_EPOCH);
        let millis = since.map_or(0, |since| since.as_millis());
        i64::try_from(millis * 1_000_000).unwrap_or(0) + self.id.below(1_000_000)
    }

    /// What stands just before an offset, by its checksum: of two files with the same first line it is another. `None` where there is
    /// not so much.
    pub(in crate::ship) fn tail_at(&mut self, offset: u64) -> io::Result<Option<u32>> {
        let start = offset.saturating_sub(TAIL);
        let mut tail = vec![0; usize::try_from(offset - start).unwrap_or(0)];
        if self.read_at(start, &mut tail)? < tail.len() {
            return Ok(None);
        }
        let mut sum = Crc::new();
        sum.update(&tail);
        Ok(Some(sum.sum()))
    }

    /// Whether all that it has is a copy of what another has, and that not by chance: of what is short there may well be two.
    pub(in crate::ship) fn is_copy_of(&mut self, original: &mut Self) -> io::Result<bool> {
        let both = self.common_length(original);
        let is_all = self.any_length() == Some(both);
        Ok(is_all && both >= TAIL && self.has_what_is_in(original)?)
    }

    /// Whether as much as both have is the same, as far as their ends tell.
    pub(in crate::ship) fn has_what_is_in(&mut self, other: &mut Self) -> io::Result<bool> {
        let both = self.common_length(other);
        let tail = self.tail_at(both)?;
        Ok(both > 0 && tail.is_some() && tail == other.tail_at(both)?)
    }

    fn common_length(&self, other: &Self) -> u64 {
        let (ours, its) = (self.any_length(), other.any_length());
        ours.unwrap_or(0).min(its.unwrap_or(0))
    }

    fn any_length(&self) -> Option<u64> {
        self.length().or_else(|| self.packed_length())
    }

    /// Whether it has no name any more.
    pub(in crate::ship) fn is_removed(&self) -> bool {
        crate::writer::is_removed(self.file())
    }

    /// How long it is now; unknown of a compressed one.
    pub(in crate::ship) fn length(&self) -> Option<u64> {
        match &self.bytes {
            Bytes::Plain(file) => file.metadata().ok().map(|metadata| metadata.len()),
            Bytes::Packed { .. } => None,
        }
    }

    /// Whether its text ends there, as of now.
    pub(in crate::ship) fn ends_at(&self, offset: u64) -> bool {
        match &self.bytes {
            Bytes::Plain(_) => self.length().is_some_and(|length| length <= offset),
            Bytes::Packed { .. } => self.packed_length() == Some(offset & 0xffff_ffff),
        }
    }

    /// The length of what is compressed, as its last four bytes say it: but for multiples of 4 GiB.
    pub(in crate::ship) fn packed_length(&self) -> Option<u64> {
        let Bytes::Packed { .. } = self.bytes else {
            return None;
        };
        let mut length = [0; 4];
        // Of its own, as the other's position is where it is read.
        let mut file = self.file().try_clone().ok()?;
        let position = file.stream_position().ok()?;
        let read = file.seek(SeekFrom::End(-4));
        let read = read.and_then(|_| file.read_exact(&mut length));
        file.seek(SeekFrom::Start(position)).ok()?;
        read.is_ok().then(|| u32::from_le_bytes(length).into())
    }

    /// Whole lines from an offset on, about so many bytes, in the memory that is given. With `to_end` also a last line that has no
    /// end.
    pub(in crate::ship) fn read(
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
                _ if is_last || length >= LONGEST => {
                    text.truncate(length);
                    return Ok(Chunk { text, is_last });
                }
                _ => {}
            }
            // Not one line has an end: it is longer.
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
            Bytes::Packed { unpacked, at } => {
                if offset < *at {
                    let mut file = unpacked.get_ref().try_clone()?;
                    file.seek(SeekFrom::Start(0))?;
                    **unpacked = MultiGzDecoder::new(file);
                    *at = 0;
                }
                let skipped = io::copy(&mut unpacked.by_ref().take(offset - *at), &mut io::sink())?;
                *at += skipped;
                let read = read_full(unpacked, buffer)?;
                *at += read as u64;
                Ok(read)
            }
        }
    }
}

/// Reads until the buffer is full or there is no more.
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
