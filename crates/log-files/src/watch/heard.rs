use std::{
    collections::HashSet,
    mem,
    path::{Path, PathBuf},
};

/// More paths are not remembered one by one.
const MAX_PATHS: usize = 10_000;

/// The paths at which the system has reported changes since the look at everything before the last one.
#[derive(Debug, Default)]
pub(super) struct Heard {
    since_last_look: Paths,
    before: Paths,
}

#[derive(Debug, Default)]
struct Paths {
    some: HashSet<PathBuf>,
    /// Whether all paths count as heard of, because there were too many.
    is_all: bool,
}

impl Heard {
    pub(super) fn add(&mut self, path: &Path) {
        let paths = &mut self.since_last_look;
        if paths.some.len() >= MAX_PATHS {
            self.add_all();
        } else if !paths.is_all && !paths.some.contains(path) {
            paths.some.insert(path.to_owned());
        }
    }

    pub(super) fn add_all(&mut self) {
        self.since_last_look = Paths {
            some: HashSet::new(),
            is_all: true,
        };
    }

    pub(super) fn contains(&self, path: &Path) -> bool {
        let either = [&self.since_last_look, &self.before];
        either
            .iter()
            .any(|paths| paths.is_all || paths.some.contains(path))
    }

    /// Begins a look at everything.
    pub(super) fn begin_look(&mut self) {
        self.before = mem::take(&mut self.since_last_look);
    }
}
