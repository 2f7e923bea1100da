//! Which files of one folder are wanted.

use super::path_pattern::{PathPattern, Step};
use crate::names::{RotatedName, is_temporary, is_unfinished};
use std::{
    collections::{BTreeSet, HashSet},
    path::{Path, PathBuf},
};

/// All rules for the files of a folder, from all sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    /// Whether all files are wanted.
    pub(super) all: bool,
    /// Names of current files.
    pub(super) names: HashSet<String>,
    /// Steps of patterns that remain from this folder on, as indices of the pattern and the step.
    steps: BTreeSet<(usize, usize)>,
}

impl Rules {
    /// Adds what remains of a pattern from a step on. Returns the folders to which names without wildcards lead, with the steps that remain
    /// there.
    #[must_use]
    pub(super) fn add(
        &mut self,
        folder: &Path,
        patterns: &[PathPattern],
        index: usize,
        step: usize,
    ) -> Option<(PathBuf, usize)> {
        let steps = &patterns.get(index)?.steps;
        let is_last = step + 1 >= steps.len();
        match steps.get(step) {
            None => self.all = true,
            Some(Step::Name(name)) if is_last => {
                self.names.insert(name.to_string_lossy().into_owned());
            }
            Some(Step::Name(name)) => return Some((folder.join(name), step + 1)),
            Some(Step::Glob(_)) => {
                self.steps.insert((index, step));
            }
            Some(Step::Recursive) => {
                self.steps.insert((index, step));
                return self.add(folder, patterns, index, step + 1);
            }
        }
        None
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.all |= other.all;
        self.names.extend(other.names);
        self.steps.extend(other.steps);
    }

    /// Whether the folder itself has to be read: not if only folders below are wanted, by name.
    pub(super) fn is_empty(&self) -> bool {
        !self.all && self.names.is_empty() && self.steps.is_empty()
    }

    /// Whether a file with this name is wanted, as a current file or a closed one.
    pub(super) fn accept_file(&self, name: &str, patterns: &[PathPattern]) -> bool {
        if is_unfinished(name) {
            return false;
        }
        (self.all && !is_temporary(name))
            || self.accept_current(name, patterns)
            || RotatedName::candidates(name)
                .iter()
                .any(|of| self.accept_current(&of.current(), patterns))
    }

    fn accept_current(&self, name: &str, patterns: &[PathPattern]) -> bool {
        self.names.contains(name)
            || self
                .globs(patterns)
                .any(|(_, steps, step)| match steps.get(step) {
                    Some(Step::Glob(pattern)) => step + 1 == steps.len() && pattern.matches(name),
                    _ => false,
                })
    }

    /// Returns the steps that remain in the subfolder with this name, as indices of the pattern and the step.
    pub(super) fn below(
        &self,
        name: &str,
        is_link: bool,
        patterns: &[PathPattern],
    ) -> Vec<(usize, usize)> {
        let leads_on = |steps: &[Step], step: usize| match steps.get(step)? {
            Step::Recursive => (!is_link && !name.starts_with('.')).then_some(step),
            Step::Glob(glob) => (step + 1 < steps.len() && glob.matches(name)).then_some(step + 1),
            Step::Name(_) => None,
        };
        let below = self
            .globs(patterns)
            .filter_map(|(index, steps, step)| Some((index, leads_on(steps, step)?)));
        below.collect()
    }

    /// Whether a subfolder with this name is wanted, or folders below it.
    pub(super) fn leads_below(&self, name: &str, patterns: &[PathPattern]) -> bool {
        !self.below(name, false, patterns).is_empty()
    }

    fn globs<'p>(
        &self,
        patterns: &'p [PathPattern],
    ) -> impl Iterator<Item = (usize, &'p [Step], usize)> {
        self.steps.iter().filter_map(move |&(index, step)| {
            let pattern = patterns.get(index)?;
            Some((index, pattern.steps.as_slice(), step))
        })
    }
}
