use super::followed_file::FollowedFile;
use crate::search::{LeftOut, Problem, Taken, Wanted};
use log_files::{
    FileKey,
    discover::{Finder, Found, FoundFile, Sources},
    watch::{Changes, FolderWatch},
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// So many files are open at once.
const MAX_OPEN: usize = 256;

/// The new lines of all files, over their rotation.
pub(super) struct NewLines {
    finder: Finder,
    left_out: LeftOut,
    watch: FolderWatch,
    files: HashMap<FileKey, FollowedFile>,
    /// The files that are open, the one that was opened first in front.
    open: VecDeque<FileKey>,
    /// The files with a last line to which more lines may belong.
    pending: HashSet<FileKey>,
    problems: Vec<Problem>,
}

type Sink<'s> = dyn FnMut(&Arc<Path>, Taken) + 's;

impl NewLines {
    /// Finds the files that exist. Their present text is not new.
    pub(super) fn begin(sources: Sources, left_out: LeftOut) -> Self {
        let mut finder = Finder::new(sources);
        let mut watch = FolderWatch::new(|| {});
        let found = finder.find();
        watch.watch(finder.folders());
        let mut lines = Self {
            finder,
            left_out,
            watch,
            files: HashMap::new(),
            open: VecDeque::new(),
            pending: HashSet::new(),
            problems: Vec::new(),
        };
        for file in &found.files {
            lines.add_at_end(file);
        }
        lines.note(&found);
        lines
    }

    /// Waits until something has changed, or for at most this long, and calls `sink` with the lines that are wanted.
    pub(super) fn wait<W: Wanted>(
        &mut self,
        timeout: Duration,
        wanted: &W,
        sink: &mut Sink<'_>,
    ) -> Vec<Problem> {
        let found = match self.watch.wait(timeout) {
            Changes::Nothing => Found::default(),
            Changes::Paths(paths) => self.finder.find_changed(paths.iter().map(PathBuf::as_path)),
            Changes::Everything => self.finder.find(),
        };
        if found.is_complete || found.has_other_folders {
            self.watch.watch(self.finder.folders());
        }
        self.note(&found);
        for file in &found.files {
            self.look_at(file, found.is_complete, wanted, sink);
        }
        if found.is_complete {
            self.drop_removed(&found, wanted, sink);
        }
        self.flush_quiet(wanted, sink);
        std::mem::take(&mut self.problems)
    }

    fn look_at<W: Wanted>(
        &mut self,
        found: &FoundFile,
        is_complete: bool,
        wanted: &W,
        sink: &mut Sink<'_>,
    ) {
        if !self.files.contains_key(&found.key) {
            if self.left_out.has(found) {
                return;
            }
            if found.compression.is_some() {
                return;
            }
            if self.is_copy(found) {
                return self.add_at_end(found);
            }
            self.files.insert(found.key, FollowedFile::new(found));
        }
        let Some(file) = self.files.get_mut(&found.key) else {
            return;
        };
        if !file.update(found) {
            return;
        }
        if is_complete {
            self.watch.note_growth(&found.path);
        }
        let was_open = file.is_open();
        let result = file.read(wanted, sink);
        if file.has_pending() {
            self.pending.insert(found.key);
        }
        if !was_open && file.is_open() {
            self.open.push_back(found.key);
            self.close_oldest();
        }
        self.report(&found.path, result);
    }

    /// Whether a file with the name of a closed one is a copy, as `copytruncate` makes it, and not the file itself.
    fn is_copy(&self, found: &FoundFile) -> bool {
        let is_copy = |file: &FollowedFile| file.has_copy(&found.path).unwrap_or(false);
        found.current() != found.path && self.files.values().any(is_copy)
    }

    fn add_at_end(&mut self, found: &FoundFile) {
        if found.compression.is_some() || self.left_out.has(found) {
            return;
        }
        match FollowedFile::at_end(found) {
            Ok(mut file) => {
                file.close();
                self.files.insert(found.key, file);
            }
            Err(error) => self.report(&found.path, Err(error)),
        }
    }

    /// Reads files to their end that are in no folder any more, and forgets them.
    fn drop_removed<W: Wanted>(&mut self, found: &Found, wanted: &W, sink: &mut Sink<'_>) {
        let there: HashSet<FileKey> = found.files.iter().map(|file| file.key).collect();
        self.files.retain(|key, file| {
            let is_there = there.contains(key);
            if !is_there {
                if file.is_open() {
                    // What is lost with a removed file is not worth a message.
                    let _ = file.read(wanted, sink);
                }
                file.flush(wanted, sink);
            }
            is_there
        });
    }

    fn flush_quiet<W: Wanted>(&mut self, wanted: &W, sink: &mut Sink<'_>) {
        let files = &mut self.files;
        self.pending.retain(|key| {
            let Some(file) = files.get_mut(key) else {
                return false;
            };
            file.flush_if_quiet(wanted, sink);
            file.has_pending()
        });
    }

    fn close_oldest(&mut self) {
        while self.open.len() > MAX_OPEN
            && let Some(key) = self.open.pop_front()
        {
            if let Some(file) = self.files.get_mut(&key) {
                file.close();
            }
        }
    }

    fn note(&mut self, found: &Found) {
        self.problems
            .extend(found.problems.iter().map(Problem::of_discovery));
    }

    /// A file that was removed or replaced in the meantime is no problem. Neither is one whose form is not that of a log.
    fn report(&mut self, path: &Path, result: io::Result<()>) {
        if let Err(error) = result
            && !matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::InvalidData | io::ErrorKind::Unsupported
            )
        {
            self.problems.push(Problem::unreadable(path, &error));
        }
    }
}
