use crate::hash::fnv1a;
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
};

/// How many bytes at the beginning and at the end of a file identify it. The end of a gzip file has the checksum of its text.
const END_BYTES: u64 = 4 << 10;

/// Identifies the contents of a complete file, whatever its name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) length: u64,
    pub(super) hash: u64,
}

impl Identity {
    /// Reads the ends of a file. Its position is changed.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let mut ends = Vec::new();
        for start in [0, length.saturating_sub(END_BYTES)] {
            let mut file = file;
            file.seek(SeekFrom::Start(start))?;
            file.take(END_BYTES).read_to_end(&mut ends)?;
        }
        let hash = fnv1a(&ends);
        Ok(Self { length, hash })
    }
}
