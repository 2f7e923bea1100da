use super::{
    Found, FoundFile, Problem, Sources,
    arrange::{arrange, set_links},
    path_pattern::PathPattern,
    rules::Rules,
    walk::Walk,
};
use crate::FileKey;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

/// Looks for the files of [`Sources`], repeatedly. It remembers what it found, so that it can look at single files and folders between looks
/// at everything.
#[derive(Debug)]
pub struct Finder {
    patterns: Vec<PathPattern>,
    follows_all_links: bool,
    folders: BTreeMap<PathBuf, Rules>,
    known: HashMap<OsString, FoundFile>,
    /// Links to files, by their targets.
    links: HashMap<PathBuf, PathBuf>,
    /// Links that were reported as not followed.
    reported: HashSet<PathBuf>,
}

impl Finder {
    /// Does not look at the disk yet.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        let paths = sources.paths.iter();
        Self {
            patterns: paths.map(|path| PathPattern::of(path)).collect(),
            follows_all_links: sources.follows_all_links,
            folders: BTreeMap::new(),
            known: HashMap::new(),
            links: HashMap::new(),
            reported: HashSet::new(),
        }
    }

    /// Returns the folders that the last look at everything read or tried to read, and those that were found since. Changes of files happen
    /// in these folders.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.folders.keys().map(PathBuf::as_path)
    }

    /// Looks at everything, and returns all files that exist.
    pub fn find(&mut self) -> Found {
        let nothing_known = BTreeMap::new();
        let mut walk = Walk::new(&self.patterns, self.follows_all_links, &nothing_known);
        for (index, pattern) in self.patterns.iter().enumerate() {
            if pattern.path.is_dir() {
                walk.add_step(pattern.path.clone(), index, pattern.steps.len());
            } else {
                walk.add_step(pattern.root.clone(), index, 0);
            }
        }
        walk.run();
        let mut files = arrange(walk.files);
        set_links(&mut files, &walk.links);
        let has_other_folders = !self.folders.keys().eq(walk.done.keys());
        self.folders = walk.done;
        self.links = walk.links;
        self.known = by_path(&files).collect();
        let problems = walk.problems;
        let left_out: HashSet<&Path> = problems.iter().map(Problem::path).collect();
        self.reported
            .retain(|link| left_out.contains(link.as_path()));
        Found {
            files,
            problems: self.without_reported(problems),
            is_complete: true,
            has_other_folders,
        }
    }

    /// Looks at paths that changed, as [`FolderWatch`](crate::watch::FolderWatch) reports them. A path may be that of a file or a folder.
    ///
    /// Returns the files that exist at these paths. If files appeared or disappeared in a folder, all files of that folder are returned.
    pub fn find_changed<'p>(&mut self, paths: impl IntoIterator<Item = &'p Path>) -> Found {
        let mut folders = BTreeSet::new();
        let mut updated = Vec::new();
        for path in paths {
            match self.look_at(path) {
                Look::Nothing => {}
                Look::Updated(file) => updated.push(*file),
                Look::Folder(folder) => drop(folders.insert(folder)),
            }
        }
        updated.retain(|file| !folders.contains(file.folder()));
        self.known.extend(by_path(&updated));
        let mut found = self.read_again(&folders);
        found.files.extend(updated);
        found
    }

    /// Returns what to look at because something happened at a path.
    fn look_at(&self, path: &Path) -> Look {
        if self.folders.contains_key(path) {
            return Look::Folder(path.to_owned());
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Look::Nothing;
        };
        let Some(rules) = self.folders.get(folder) else {
            return Look::Nothing;
        };
        if let Some(known) = self.known.get(path.as_os_str())
            && let Ok(metadata) = fs::symlink_metadata(path)
            && metadata.is_file()
            && FileKey::of(&metadata) == known.key
            && metadata.created().ok() == known.created
        {
            return Look::Updated(Box::new(known.updated(&metadata)));
        }
        let name = name.to_string_lossy();
        let is_wanted = rules.accept_file(&name, &self.patterns)
            || (rules.leads_below(&name, &self.patterns) && may_be_folder(path));
        match is_wanted {
            true => Look::Folder(folder.to_owned()),
            false => Look::Nothing,
        }
    }

    fn read_again(&mut self, folders: &BTreeSet<PathBuf>) -> Found {
        if folders.is_empty() {
            return Found::default();
        }
        let mut walk = Walk::new(&self.patterns, self.follows_all_links, &self.folders);
        for folder in folders {
            let rules = self.folders.get(folder).cloned().unwrap_or_default();
            walk.add_rules(folder.clone(), rules);
        }
        walk.run();
        let (done, links, problems) = (walk.done, walk.links, walk.problems);
        let mut files = arrange(walk.files);
        self.links.extend(links);
        set_links(&mut files, &self.links);
        self.known
            .retain(|_, file| !folders.contains(file.folder()));
        self.known.extend(by_path(&files));
        let count = self.folders.len();
        self.folders.extend(done);
        Found {
            files,
            problems: self.without_reported(problems),
            is_complete: false,
            has_other_folders: self.folders.len() > count,
        }
    }

    /// Removes links that were reported before.
    fn without_reported(&mut self, mut problems: Vec<Problem>) -> Vec<Problem> {
        problems.retain(|problem| match problem {
            Problem::LinkNotFollowed { path, .. } => self.reported.insert(path.clone()),
            Problem::Unreadable { .. } => true,
        });
        problems
    }
}

// These methods are not beside `Sources`, so that `Sources` does not depend on how files are found.
impl Sources {
    /// Checks that each path names a folder that exists, or at least one file.
    ///
    /// # Errors
    ///
    /// If a path or a pattern matches no file, nor a rotated one.
    pub fn check_exist(&self) -> io::Result<()> {
        for path in &self.paths {
            let alone = Self {
                paths: vec![path.clone()],
                ..*self
            };
            if !path.exists() && alone.find().files.is_empty() {
                let text = format!("there is no file at `{}`", path.display());
                return Err(io::Error::new(io::ErrorKind::NotFound, text));
            }
        }
        Ok(())
    }

    /// Returns the files that exist now. A [`Finder`] is cheaper if files are looked for repeatedly.
    #[must_use]
    pub fn find(&self) -> Found {
        Finder::new(self.clone()).find()
    }
}

/// What to look at because something happened at a path.
enum Look {
    Nothing,
    /// A known file, with its present size.
    Updated(Box<FoundFile>),
    Folder(PathBuf),
}

fn by_path(files: &[FoundFile]) -> impl Iterator<Item = (OsString, FoundFile)> {
    files
        .iter()
        .map(|file| (file.path.clone().into_os_string(), file.clone()))
}

fn may_be_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir() || metadata.is_symlink())
}
