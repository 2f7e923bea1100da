use crate::lineage::Lineage;
use std::{collections::VecDeque, fs};

/// Which files are open, the least recently used one first.
#[derive(Debug)]
pub(super) struct OpenFiles {
    order: VecDeque<Lineage>,
    limit: usize,
}

/// The most files that are kept open, whatever the system allows.
const MAX: usize = 128;
/// Descriptors that are left to connections and to everything else in the process.
const RESERVED: usize = 32;
/// The least number of open files.
const MIN: usize = 4;

impl OpenFiles {
    pub(super) fn new() -> Self {
        Self {
            order: VecDeque::new(),
            limit: limit_of_process()
                .map_or(MAX, |limit| limit.saturating_sub(RESERVED) / 2)
                .clamp(MIN, MAX),
        }
    }

    /// Notes that a file is used now. Returns the file to close first, if there are too many.
    pub(super) fn touch(&mut self, lineage: Lineage) -> Option<Lineage> {
        self.remove(lineage);
        self.order.push_back(lineage);
        (self.order.len() > self.limit).then(|| self.order.pop_front())?
    }

    pub(super) fn remove(&mut self, lineage: Lineage) {
        if self.order.back() == Some(&lineage) {
            self.order.pop_back();
        } else {
            self.order.retain(|other| *other != lineage);
        }
    }

    /// Lowers the limit, because the process has no free descriptors. Returns the files to close.
    pub(super) fn shrink(&mut self) -> Vec<Lineage> {
        self.limit = (self.limit.min(self.order.len()) / 2).max(MIN);
        let surplus = self.order.len().saturating_sub(self.limit);
        self.order.drain(..surplus).collect()
    }
}

/// Returns how many descriptors the process may have, if the system has a file with this limit.
fn limit_of_process() -> Option<usize> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_file_is_closed_first() {
        let mut open = OpenFiles {
            order: VecDeque::new(),
            limit: 2,
        };
        let [a, b, c] = [Lineage::random(), Lineage::random(), Lineage::random()];
        assert_eq!(open.touch(a), None);
        assert_eq!(open.touch(b), None);
        assert_eq!(open.touch(a), None);
        assert_eq!(open.touch(c), Some(b));
        open.limit = 16;
        for _ in 0..10 {
            open.touch(Lineage::random());
        }
        assert_eq!(open.shrink().len(), 6);
    }
}
