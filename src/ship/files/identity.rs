//! Which file it is, whatever its name.

use std::{collections::HashSet, fmt, fs::Metadata, hash::Hasher as _, str::FromStr};

/// The bytes of a file's first line that count.
pub(super) const HEAD: usize = 1_024;

/// A file's device and inode, and a hash of its first line: inodes are used again, and first lines can be alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::ship) struct FileId {
    pub(super) inode: u64,
    pub(super) first: u64,
}

impl FileId {
    /// Of the beginning of a file. `None` while its first line is not there.
    pub(super) fn of(inode: u64, head: &[u8]) -> Option<Self> {
        let head = &head[..head.len().min(HEAD)];
        let end = head.iter().position(|byte| *byte == b'\n');
        let first = match end {
            Some(end) => &head[..end],
            None if head.len() == HEAD => head,
            None => return None,
        };
        // FNV-1a: it has to be the same for ever.
        let mut hash = Fnv::default();
        hash.write(first);
        Some(Self {
            inode,
            first: hash.finish(),
        })
    }
}

impl FileId {
    /// A number below a limit, another for most files.
    pub(in crate::ship) fn below(self, limit: i64) -> i64 {
        let mixed = self.first ^ self.inode.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 1).cast_signed() % limit
    }

    /// Whether it is of one of these inodes.
    pub(in crate::ship) fn is_among(self, inodes: &HashSet<u64>) -> bool {
        inodes.contains(&self.inode)
    }

    /// Whether another inode has the same first line.
    pub(in crate::ship) fn is_alike(&self, other: Self) -> bool {
        self.first == other.first
    }
}

#[cfg(unix)]
pub(super) fn inode(metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    inode_on(metadata.dev(), metadata.ino())
}

/// Inodes of two disks are alike. Where the number of a disk changes, files are known again by what they have.
pub(super) fn inode_on(device: u64, inode: u64) -> u64 {
    device.rotate_left(44) ^ inode
}

/// Without inodes a file is known by its first line alone.
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

struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl std::hash::Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_whole_first_line() {
        assert_eq!(FileId::of(1, b""), None);
        assert_eq!(FileId::of(1, b"not yet"), None);
        let id = FileId::of(1, b"first\n").expect("it is there");
        assert_eq!(FileId::of(1, b"first\nsecond"), Some(id));
        assert_ne!(FileId::of(1, b"First\n"), Some(id));
        assert_ne!(FileId::of(2, b"first\n"), Some(id));
        assert_eq!(id.to_string().parse(), Ok(id));
        let long = vec![b'x'; HEAD + 10];
        assert_eq!(FileId::of(1, &long), FileId::of(1, &long[..HEAD]));
        assert!("".parse::<FileId>().is_err() && "1-x".parse::<FileId>().is_err());
    }
}
