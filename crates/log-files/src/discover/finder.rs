use super::{
    Found, FoundFile, Problem, Sources, Unread, UnreadReason,
    arrange::{arrange, set_links},
    path_pattern::PathPattern,
    rules::Rules,
    sources::has_wildcard,
    walk::Walk,
};
use crate::{FileKey, names::is_unfinished};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ffi::OsString,
    fs,
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

    /// Whether one of the paths names this file, and not only a folder, a pattern, or another file to which this is a rotated version.
    #[must_use]
    pub fn is_named(&self, file: &FoundFile) -> bool {
        let names = |path: &Path| self.patterns.iter().any(|pattern| pattern.names(path));
        names(&file.path) || file.link.as_deref().is_some_and(names)
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
    /// Returns the paths from which nothing is read now: no file exists there, or none that is read. Folders and files that cannot be read
    /// are not among them, since they are in [`Found::problems`].
    #[must_use]
    pub fn unread(&self) -> Vec<Unread> {
        let why = |path: &Path| {
            self.why_never_read(path)
                .or_else(|| self.why_unread_yet(path))
        };
        self.all_unread(why)
    }

    /// Returns the paths from which nothing is read although something exists there, and will not be read later either. This looks only at
    /// the paths themselves.
    #[must_use]
    pub fn never_read(&self) -> Vec<Unread> {
        self.all_unread(|path| self.why_never_read(path))
    }

    fn all_unread(&self, why: impl Fn(&Path) -> Option<UnreadReason>) -> Vec<Unread> {
        let paths = self.paths.iter();
        paths
            .filter_map(|path| Some(Unread::new(path, why(path)?)))
            .collect()
    }

    fn why_never_read(&self, path: &Path) -> Option<UnreadReason> {
        let target = fs::metadata(path).ok().filter(|target| !target.is_dir())?;
        let name = path.file_name()?;
        if !target.is_file() {
            return Some(UnreadReason::NotAFile);
        }
        if is_unfinished(&name.to_string_lossy()) {
            return Some(UnreadReason::Unfinished);
        }
        let is_not_followed = |problem: &Problem| matches!(problem, Problem::LinkNotFollowed { path, .. } if path.file_name() == Some(name));
        (path.is_symlink() && self.find_of(path).problems.iter().any(is_not_followed))
            .then_some(UnreadReason::LinkNotFollowed)
    }

    /// The path is not that of a file that is never read.
    fn why_unread_yet(&self, path: &Path) -> Option<UnreadReason> {
        if path.is_file() {
            return None;
        }
        let found = self.find_of(path);
        match () {
            () if !found.files.is_empty() || !found.problems.is_empty() => None,
            () if path.is_dir() => Some(UnreadReason::EmptyFolder),
            () if has_wildcard(&path.to_string_lossy()) => Some(UnreadReason::NoMatch),
            () => Some(UnreadReason::Missing),
        }
    }

    fn find_of(&self, path: &Path) -> Found {
        let alone = Self {
            paths: vec![path.to_owned()],
            ..*self
        };
        alone.find()
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
