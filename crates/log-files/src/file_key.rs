use std::{fmt, fs::Metadata};

/// Identifies a file independently of its name, as far as the file system does.
///
/// A key belongs to one file only while that file exists: file systems reuse inodes. So an equal key suggests that a file was renamed
/// between two looks, and the contents have to confirm it.
///
/// On Windows, the standard library offers no file index. There the key is the time of creation, and [`IS_UNIQUE`](Self::IS_UNIQUE) is
/// `false`: several files can have the same key, because NTFS gives the creation time of a removed or renamed file to the next file of that
/// name for 15 seconds. On other systems, all keys are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey {
    /// The device, on Unix.
    pub device: u64,
    /// The inode on that device, on Unix. The time of creation in units of 100 ns, on Windows.
    pub inode: u64,
}

impl FileKey {
    /// Whether two files that exist at the same time always have different keys.
    pub const IS_UNIQUE: bool = cfg!(unix);

    /// Returns the key of the file with this metadata.
    #[cfg(unix)]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    /// Returns the key of the file with this metadata.
    #[cfg(windows)]
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        use std::os::windows::fs::MetadataExt as _;
        Self {
            device: 0,
            inode: metadata.creation_time(),
        }
    }

    /// Returns the key of the file with this metadata.
    #[cfg(not(any(unix, windows)))]
    #[must_use]
    pub fn of(_: &Metadata) -> Self {
        Self::default()
    }
}

/// `device:inode`, as in the comment of a gzip file that a `RollingFile` of `tracing-stamp` has compressed.
impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.device, self.inode)
    }
}
