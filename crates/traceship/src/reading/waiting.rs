//! What a follower knows about its files, for metrics and for a dry run.

use super::follower::Follower;
use crate::lineage::Lineage;
use std::path::{Path, PathBuf};

impl Follower {
    /// Returns the files with the most bytes that are not confirmed, at most `max` of them, the largest first.
    pub(crate) fn largest_waiting(&self, max: usize) -> Vec<(PathBuf, u64)> {
        let files = self.files.iter();
        let files = files.map(|(lineage, file)| (self.unshipped_of(*lineage, file), file));
        let mut waiting: Vec<_> = files.filter(|(bytes, _)| *bytes > 0).collect();
        waiting.sort_unstable_by(|(bytes, file), (other_bytes, other)| {
            (other_bytes, &file.found.path).cmp(&(bytes, &other.found.path))
        });
        let largest = waiting.into_iter().take(max);
        largest
            .map(|(bytes, file)| (file.found.path.clone(), bytes))
            .collect()
    }

    /// Returns the path of a file that is followed.
    pub(crate) fn path_of(&self, lineage: Lineage) -> Option<&Path> {
        let file = self.files.get(&lineage)?;
        Some(&file.found.path)
    }
}
