//! Checksums of the parts of a file that have been read. They show whether another file has the same contents.

use crc32fast::Hasher;

/// A running checksum (CRC-32) of the beginning of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Checkpoint {
    /// The length of the beginning.
    pub(crate) offset: u64,
    pub(crate) sum: u32,
}

impl Checkpoint {
    /// Returns the checksum of the same beginning with some more bytes.
    pub(crate) fn and(self, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new_with_initial_len(self.sum, self.offset);
        hasher.update(bytes);
        Self {
            offset: self.offset + bytes.len() as u64,
            sum: hasher.finalize(),
        }
    }
}

/// This many of the latest checkpoints are kept. The earlier they are, the fewer of the others are kept.
const LATEST: usize = 16;

/// Checkpoints of one file in rising order. The last one is at the confirmed offset.
///
/// A copy of the file that was made earlier ends between two checkpoints. The part after the first of them is shipped once more, so the
/// checkpoints are dense where a copy is likely to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checkpoints(Vec<Checkpoint>);

impl Checkpoints {
    pub(crate) fn from_vec(all: Vec<Checkpoint>) -> Self {
        Self(all)
    }

    pub(crate) fn as_slice(&self) -> &[Checkpoint] {
        &self.0
    }

    pub(crate) fn last(&self) -> Checkpoint {
        self.0.last().copied().unwrap_or_default()
    }

    /// Returns the last checkpoint that is at least `distance` bytes before the last one, or the beginning of the file.
    pub(crate) fn before_last(&self, distance: u64) -> Checkpoint {
        let end = self.last().offset;
        let is_far = |point: &&Checkpoint| point.offset + distance <= end;
        self.0
            .iter()
            .rev()
            .find(is_far)
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn push(&mut self, point: Checkpoint) {
        if point.offset <= self.last().offset {
            return;
        }
        self.0.push(point);
        if self.0.len() > 4 * LATEST {
            self.thin_out();
        }
    }

    /// Removes earlier checkpoints, so that the distances to the end of those that are left shrink by a third from each to the next.
    fn thin_out(&mut self) {
        let end = self.last().offset;
        let latest = self.0.split_off(self.0.len() - LATEST);
        let mut most = u64::MAX;
        self.0.retain(|point| {
            let distance = end - point.offset;
            let is_kept = distance <= most;
            if is_kept {
                most = distance - distance / 3;
            }
            is_kept
        });
        self.0.extend(latest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_does_not_depend_on_how_the_bytes_are_divided() {
        let whole = Checkpoint::default().and(b"one two three");
        let parts = Checkpoint::default()
            .and(b"one ")
            .and(b"")
            .and(b"two three");
        assert_eq!(whole, parts);
        assert_eq!(whole.offset, 13);
        assert_ne!(whole.sum, Checkpoint::default().and(b"one two tree!").sum);
    }

    #[test]
    fn the_latest_checkpoints_are_kept_and_fewer_of_the_earlier_ones() {
        let mut points = Checkpoints::default();
        for offset in 1..=10_000 {
            points.push(Checkpoint { offset, sum: 0 });
            assert_eq!(points.last().offset, offset);
        }
        let all: Vec<u64> = points.0.iter().map(|point| point.offset).collect();
        assert!(all.len() <= 4 * LATEST && all.is_sorted());
        assert!(all.ends_with(&(9_985..=10_000).collect::<Vec<_>>()));
        assert!(all[0] < 5_000, "{all:?}");
        assert_eq!(points.before_last(4).offset, 9_996);
        assert_eq!(points.before_last(1 << 40), Checkpoint::default());
    }
}
