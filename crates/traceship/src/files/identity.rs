//! Identifies a file independently of its name.

use log_files::fnv1a;
use std::{collections::HashSet, fmt, fs::Metadata, str::FromStr};

/// How many bytes of the first line identify a file.
pub(super) const HEAD_BYTES: usize = 1_024;

/// The device and inode of a file, and a hash of its first line. Both are needed: inodes are reused, and different files can begin with the
/// same line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FileId {
    pub(super) inode: u64,
    pub(super) first: u64,
}

impl FileId {
    /// Returns the identity of the file with this beginning, or `None` while its first line is incomplete.
    pub(super) fn from_head(inode: u64, head: &[u8]) -> Option<Self> {
        let head = &head[..head.len().min(HEAD_BYTES)];
        let end = head.iter().position(|byte| *byte == b'\n');
        let first = match end {
            Some(end) => &head[..end],
            None if head.len() == HEAD_BYTES => head,
            None => return None,
        };
        // FNV-1a is specified. The hash must never change, since cursors and ids of lines contain it.
        Some(Self {
            inode,
            first: fnv1a(first),
        })
    }
}

impl FileId {
    /// Returns a number below `limit` that differs between most files.
    pub(crate) fn hash_below(self, limit: i64) -> i64 {
        let mixed = self.first ^ self.inode.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 1).cast_signed() % limit
    }

    /// Whether the inode of this file is one of these.
    pub(crate) fn has_inode_in(self, inodes: &HashSet<u64>) -> bool {
        inodes.contains(&self.inode)
    }

    /// Whether both files have the same first line.
    pub(crate) fn has_same_first_line(&self, other: Self) -> bool {
        self.first == other.first
    }
}

#[cfg(unix)]
pub(super) fn inode(metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    inode_on(metadata.dev(), metadata.ino())
}

/// Combines device and inode, since files on two disks can have the same inode. If the number of a device changes, files are recognized by
/// their contents.
pub(super) fn inode_on(device: u64, inode: u64) -> u64 {
    device.rotate_left(44) ^ inode
}

/// On systems without inodes, a file is identified by its first line alone.
#[cfg(not(unix))]
pub(super) fn inode(_: &Metadata) -> u64 {
    0
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:016x}", self.inode, self.first)
    }
}

impl FromStr for FileId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (inode, first) = text.split_once('-').ok_or(())?;
        let number = |text| u64::from_str_radix(text, 16).map_err(drop);
        Ok(Self {
            inode: number(inode)?,
            first: number(first)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_identified_by_its_complete_first_line() {
        assert_eq!(FileId::from_head(1, b""), None);
        assert_eq!(FileId::from_head(1, b"not yet"), None);
        let id = FileId::from_head(1, b"first\n").expect("the first line is complete");
        assert_eq!(FileId::from_head(1, b"first\nsecond"), Some(id));
        assert_ne!(FileId::from_head(1, b"First\n"), Some(id));
        assert_ne!(FileId::from_head(2, b"first\n"), Some(id));
        assert_eq!(id.to_string().parse(), Ok(id));
        let long = vec![b'x'; HEAD_BYTES + 10];
        assert_eq!(
            FileId::from_head(1, &long),
            FileId::from_head(1, &long[..HEAD_BYTES])
        );
        assert!("".parse::<FileId>().is_err() && "1-x".parse::<FileId>().is_err());
    }
}
