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
    by_key: HashMap<FileKey, Vec<Lineage>>,
    by_head: Beginnings,
    by_first_line: Beginnings,
}

/// Contents by the checksums of their beginnings.
#[derive(Debug, Default)]
struct Beginnings {
    lineages: HashMap<Checkpoint, Vec<Lineage>>,
    /// How many of them have each length.
    lengths: BTreeMap<u64, usize>,
}

impl Beginnings {
    fn add(&mut self, beginning: Checkpoint, lineage: Lineage) {
        if beginning.offset > 0 {
            self.lineages.entry(beginning).or_default().push(lineage);
            *self.lengths.entry(beginning.offset).or_default() += 1;
        }
    }

    fn remove(&mut self, beginning: Checkpoint, lineage: Lineage) {
        if let Some(alike) = self.lineages.get_mut(&beginning) {
            alike.retain(|other| *other != lineage);
            if alike.is_empty() {
                self.lineages.remove(&beginning);
            }
        }
        if let Some(count) = self.lengths.get_mut(&beginning.offset) {
            *count -= 1;
            if *count == 0 {
                self.lengths.remove(&beginning.offset);
            }
        }
    }

    /// Returns the contents that begin like these bytes.
    fn of(&self, bytes: &[u8]) -> impl Iterator<Item = Lineage> {
        let mut sum = Checkpoint::default();
        let sums = self.lengths.keys().map_while(move |length| {
            let at = usize::try_from(sum.offset).ok()?;
            sum = sum.and(bytes.get(at..usize::try_from(*length).ok()?)?);
            Some(sum)
        });
        sums.filter_map(|sum| self.lineages.get(&sum))
            .flatten()
            .copied()
    }
}

impl Index {
    pub(super) fn add(&mut self, lineage: Lineage, mark: &Mark) {
        self.change_file(lineage, None, mark.file);
        self.by_head.add(mark.head, lineage);
        self.by_first_line.add(mark.first_line, lineage);
    }

    pub(super) fn remove(&mut self, lineage: Lineage, mark: &Mark) {
        self.change_file(lineage, mark.file, None);
        self.by_head.remove(mark.head, lineage);
        self.by_first_line.remove(mark.first_line, lineage);
    }

    pub(super) fn change_file(
        &mut self,
        lineage: Lineage,
        from: Option<StoredFile>,
        to: Option<StoredFile>,
    ) {
        let (from, to) = (from.map(|file| file.key), to.map(|file| file.key));
        if from == to {
            return;
        }
        if let Some(key) = from
            && let Some(all) = self.by_key.get_mut(&key)
        {
            all.retain(|other| *other != lineage);
            if all.is_empty() {
                self.by_key.remove(&key);
            }
        }
        if let Some(key) = to {
            self.by_key.entry(key).or_default().push(lineage);
        }
    }

    pub(super) fn of_key(&self, key: FileKey) -> &[Lineage] {
        self.by_key.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Returns the contents that have the same head as a file.
    pub(super) fn of_head(&self, head: &[u8]) -> impl Iterator<Item = Lineage> {
        self.by_head.of(head)
    }

    /// Returns the contents that have the same first line as a file.
    pub(super) fn of_first_line(&self, head: &[u8]) -> impl Iterator<Item = Lineage> {
        self.by_first_line.of(head)
    }
}
