//! Lines of a batch that are sent in one request, and the ways to divide them.

use super::batch::{Batch, Line};
use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, RandomState},
};

/// The lines of a request, as indexes in their batch.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) lines: Vec<usize>,
    /// How many times the server failed with exactly these lines, or refused them with an unknown message.
    pub(super) failures: u32,
    /// How many requests the server had accepted before the first of these failures.
    pub(super) accepted_before: u64,
    /// Whether the server has accepted other lines since it began to refuse these, so that the fault is in these lines.
    pub(super) is_isolated: bool,
}

/// Which part of a group that is divided by time is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Oldest,
    Newest,
}

impl Group {
    pub(super) fn of(lines: Vec<usize>) -> Self {
        Self {
            lines,
            ..Self::default()
        }
    }

    /// Returns the number of bytes of the lines.
    pub(super) fn bytes(&self, batch: &Batch) -> usize {
        let lines = self.lines.iter().filter_map(|index| batch.line(*index));
        lines.map(|line| line.text().len() + 1).sum()
    }

    /// Divides a group of several lines in the middle. The lines keep their order.
    pub(super) fn halves(self) -> [Self; 2] {
        let Self {
            mut lines,
            is_isolated,
            ..
        } = self;
        let second = lines.split_off(lines.len() / 2);
        [lines, second].map(|lines| Self {
            lines,
            is_isolated,
            ..Self::default()
        })
    }

    /// Divides a group of several lines into older and newer lines. The part that `first` names is the first one.
    pub(super) fn halves_by_time(mut self, batch: &Batch, first: First) -> [Self; 2] {
        self.lines
            .sort_by_key(|index| batch.line(*index).map(Line::nanos));
        let [older, newer] = self.halves();
        match first {
            First::Oldest => [older, newer],
            First::Newest => [newer, older],
        }
    }

    /// Divides a group by a key of its lines, such as their stream.
    pub(super) fn by_key(self, key: impl Fn(usize) -> Vec<u8>) -> Vec<Self> {
        let mut parts: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        for index in self.lines {
            parts.entry(key(index)).or_default().push(index);
        }
        let part = |lines| Self {
            lines,
            is_isolated: self.is_isolated,
            ..Self::default()
        };
        parts.into_values().map(part).collect()
    }

    /// Removes the lines for which a condition holds, and returns them.
    pub(super) fn take(&mut self, condition: impl Fn(usize) -> bool) -> Vec<usize> {
        let (taken, rest) = self.lines.drain(..).partition(|index| condition(*index));
        self.lines = rest;
        taken
    }

    /// Returns at most `number` of the lines, spread evenly from a random one on. Another call returns others.
    pub(super) fn sample(&self, number: usize) -> Vec<usize> {
        let length = self.lines.len();
        let number = number.min(length);
        let random = RandomState::new().hash_one(0) as usize;
        (0..number)
            .map(|at| self.lines[(random % length + at * length / number) % length])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_different_lines_of_the_whole_group() {
        let group = Group::of((100..200).collect());
        let mut sample = group.sample(8);
        sample.sort_unstable();
        assert!(sample.windows(2).all(|pair| pair[1] - pair[0] >= 12));
        let mut all = Group::of(vec![7, 8, 9]).sample(8);
        all.sort_unstable();
        assert_eq!(all, [7, 8, 9]);
        assert!(Group::default().sample(8).is_empty());
    }

    #[test]
    fn a_group_is_divided_by_time_or_by_key() {
        let batch = Batch::of_text(concat!(
            "{\"timestamp\":\"2001-09-09T01:46:44Z\"}\n",
            "{\"timestamp\":\"2001-09-09T01:46:42Z\"}\n",
            "{\"timestamp\":\"2001-09-09T01:46:43Z\"}\n",
        ));
        let lines = |group: &Group| group.lines.clone();
        let parts = Group::of(vec![0, 1, 2]).halves_by_time(&batch, First::Newest);
        assert_eq!(parts.map(|part| lines(&part)), [vec![2, 0], vec![1]]);
        let parts = Group::of(vec![0, 1, 2]).by_key(|index| vec![u8::from(index == 1)]);
        assert_eq!(
            parts.iter().map(lines).collect::<Vec<_>>(),
            [vec![0, 2], vec![1]]
        );
    }
}
