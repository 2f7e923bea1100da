//! One look at folders, with all rules for their files.

use super::{FoundFile, Problem, links::Target, path_pattern::PathPattern, rules::Rules};
use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
};

pub(super) struct Walk<'s> {
    patterns: &'s [PathPattern],
    follows_all_links: bool,
    /// Folders that are entered only if they were added, because they are known from an earlier look.
    known: &'s BTreeMap<PathBuf, Rules>,
    /// Folders to read. A folder is read before those below it, so that it has all its rules by then.
    pending: BTreeMap<PathBuf, Rules>,
    pub(super) done: BTreeMap<PathBuf, Rules>,
    pub(super) files: Vec<FoundFile>,
    /// Links to files that are followed, by their targets.
    pub(super) links: HashMap<PathBuf, PathBuf>,
    pub(super) problems: Vec<Problem>,
}

impl<'s> Walk<'s> {
    pub(super) fn new(
        patterns: &'s [PathPattern],
        follows_all_links: bool,
        known: &'s BTreeMap<PathBuf, Rules>,
    ) -> Self {
        Self {
            patterns,
            follows_all_links,
            known,
            pending: BTreeMap::new(),
            done: BTreeMap::new(),
            files: Vec::new(),
            links: HashMap::new(),
            problems: Vec::new(),
        }
    }

    /// Adds what remains of a pattern from a step on.
    pub(super) fn add_step(&mut self, folder: PathBuf, index: usize, step: usize) {
        let mut next = Some((folder, step));
        while let Some((folder, step)) = next {
            let rules = self.pending.entry(folder.clone()).or_default();
            next = rules.add(&folder, self.patterns, index, step);
        }
    }

    pub(super) fn add_rules(&mut self, folder: PathBuf, rules: Rules) {
        self.pending.entry(folder).or_default().merge(rules);
    }

    /// Reads the folders that were added and the wanted ones below, and then the folders to which links to files lead.
    pub(super) fn run(&mut self) {
        self.read_pending(true);
        let links: Vec<PathBuf> = self.links.keys().cloned().collect();
        for target in links {
            self.add_target(&target);
        }
        self.read_pending(false);
    }

    fn add_target(&mut self, target: &Path) {
        let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
            return;
        };
        let name = name.to_string_lossy();
        let read = self.done.get(folder).or_else(|| self.known.get(folder));
        if !read.is_some_and(|rules| rules.accept_file(&name, self.patterns)) {
            let rules = self.pending.entry(folder.to_owned()).or_default();
            rules.names.insert(name.into_owned());
        }
    }

    fn read_pending(&mut self, follows_links: bool) {
        while let Some((folder, rules)) = self.pending.pop_first() {
            if rules.is_empty() {
                continue;
            }
            if let Err(error) = self.read(&folder, &rules, follows_links) {
                self.note(folder.clone(), error);
            }
            self.done.entry(folder).or_default().merge(rules);
        }
    }

    fn read(&mut self, folder: &Path, rules: &Rules, follows_links: bool) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if let Err(error) = self.visit(folder, rules, &entry, follows_links) {
                self.note(entry.path(), error);
            }
        }
        Ok(())
    }

    fn visit(
        &mut self,
        folder: &Path,
        rules: &Rules,
        entry: &DirEntry,
        follows_links: bool,
    ) -> io::Result<()> {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            self.enter(entry.path(), &name, rules, false);
        } else if kind.is_symlink() && follows_links {
            self.follow(folder, rules, &name, &entry.path())?;
        } else if kind.is_file() && rules.accept_file(&name, self.patterns) {
            let metadata = entry.metadata()?;
            if metadata.is_file() {
                self.files.push(FoundFile::new(entry.path(), &metadata));
            }
        }
        Ok(())
    }

    fn enter(&mut self, folder: PathBuf, name: &str, rules: &Rules, is_link: bool) {
        if self.known.contains_key(&folder) {
            return;
        }
        for (index, step) in rules.below(name, is_link, self.patterns) {
            self.add_step(folder.clone(), index, step);
        }
        // This path had no folder when the look began.
        if rules.names.contains(name) {
            self.pending.entry(folder).or_default().all = true;
        }
    }

    fn follow(&mut self, folder: &Path, rules: &Rules, name: &str, link: &Path) -> io::Result<()> {
        let is_wanted_file = rules.accept_file(name, self.patterns);
        if !is_wanted_file && rules.below(name, true, self.patterns).is_empty() {
            return Ok(());
        }
        let metadata = fs::metadata(link)?;
        let is_log = metadata.is_file() && is_wanted_file;
        if !metadata.is_dir() && !is_log {
            return Ok(());
        }
        let target = Target::of(folder, Path::new(link.file_name().unwrap_or_default()))?;
        if !target.is_trusted && !self.follows_all_links {
            self.problems.push(Problem::LinkNotFollowed {
                path: link.to_owned(),
                target: target.path,
            });
        } else if metadata.is_dir() {
            self.enter(link.to_owned(), name, rules, true);
        } else {
            self.links.insert(target.path, link.to_owned());
        }
        Ok(())
    }

    /// Notes an error, unless the file or folder was removed meanwhile, or a link leads nowhere.
    fn note(&mut self, path: PathBuf, error: io::Error) {
        if !is_missing(&error) {
            self.problems.push(Problem::Unreadable { path, error });
        }
    }
}

pub(super) fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
