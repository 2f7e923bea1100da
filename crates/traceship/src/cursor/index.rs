use super::{
    checkpoints::Checkpoint,
    mark::{Mark, StoredFile},
};
use crate::lineage::Lineage;
use log_files::FileKey;
use std::collections::{BTreeMap, HashMap};

/// Finds marks by what is known of a file before it is compared.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_key: HashMap<FileKey, Lineage>,
    by_head: HashMap<Checkpoint, Vec<Lineage>>,
    /// How many marks have a head of each length.
    lengths: BTreeMap<u64, usize>,
}

impl Index {
    pub(super) fn add(&mut self, lineage: Lineage, mark: &Mark) {
        self.change_file(lineage, None, mark.file);
        if mark.head.offset > 0 {
            self.by_head.entry(mark.head).or_default().push(lineage);
            *self.lengths.entry(mark.head.offset).or_default() += 1;
        }
    }

    pub(super) fn remove(&mut self, lineage: Lineage, mark: &Mark) {
        self.change_file(lineage, mark.file, None);
        if let Some(alike) = self.by_head.get_mut(&mark.head) {
            alike.retain(|other| *other != lineage);
            if alike.is_empty() {
                self.by_head.remove(&mark.head);
            }
        }
        if let Some(count) = self.lengths.get_mut(&mark.head.offset) {
            *count -= 1;
            if *count == 0 {
                self.lengths.remove(&mark.head.offset);
            }
        }
    }

    pub(super) fn change_file(
        &mut self,
        lineage: Lineage,
        from: Option<StoredFile>,
        to: Option<StoredFile>,
    ) {
        let (from, to) = (from.map(|file| file.key), to.map(|file| file.key));
        if let Some(key) = from
            && from != to
            && self.by_key.get(&key) == Some(&lineage)
        {
            self.by_key.remove(&key);
        }
        if let Some(key) = to {
            self.by_key.insert(key, lineage);
        }
    }

    pub(super) fn of_key(&self, key: FileKey) -> Option<Lineage> {
        self.by_key.get(&key).copied()
    }

    pub(super) fn beginning_like(&self, head: &[u8]) -> Vec<Lineage> {
        let mut found = Vec::new();
        let mut sum = Checkpoint::default();
        for length in self.lengths.keys() {
            let at = usize::try_from(sum.offset).unwrap_or(usize::MAX);
            let Some(more) = usize::try_from(*length)
                .ok()
                .and_then(|end| head.get(at..end))
            else {
                break;
            };
            sum = sum.and(more);
            found.extend(self.by_head.get(&sum).into_iter().flatten());
        }
        found
    }
}
