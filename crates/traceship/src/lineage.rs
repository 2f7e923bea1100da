use crate::random::random;
use std::{fmt, str::FromStr};

/// The identity of the contents of a file, independent of its name and inode. It is a random number, made when the contents are first seen,
/// and is on the disk before the first line is sent. So the ids of lines, which contain it, never repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Lineage(u64);

impl Lineage {
    pub(crate) fn random() -> Self {
        Self(random())
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Lineage {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}
