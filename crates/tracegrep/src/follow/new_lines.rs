use super::{copies::Likeness, followed_file::FollowedFile};
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
    /// A file was truncated, so a copy of it may have lines that were not read.
    has_truncated: bool,
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
            has_truncated: false,
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
        if std::mem::take(&mut self.has_truncated) {
            self.read_copies(wanted, sink);
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
            if found.compression.is_some() || self.left_out.has(found) {
                return;
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
        let truncated = file.notice_truncation(wanted, sink);
        self.note_open(found.key, was_open);
        if matches!(truncated, Ok(true)) {
            self.read_copies(wanted, sink);
        }
        let result = truncated.and_then(|_| self.read(found.key, wanted, sink));
        self.report(&found.path, result);
    }

    /// Reads a file, unless it may be a copy of another one.
    fn read<W: Wanted>(&mut self, key: FileKey, wanted: &W, sink: &mut Sink<'_>) -> io::Result<()> {
        // While it is compared with the others, it is not among them.
        let Some(mut file) = self.files.remove(&key) else {
            return Ok(());
        };
        let was_open = file.is_open();
        let likeness = match file.compared {
            Some(_) => self.compare_with_others(&mut file, wanted, sink),
            None => Ok(Likeness::Different),
        };
        let result = likeness.and_then(|likeness| {
            if likeness == Likeness::Beginning {
                return Ok(());
            }
            file.compared = None;
            file.read(wanted, sink)
        });
        if file.has_pending() {
            self.pending.insert(key);
        }
        self.files.insert(key, file);
        self.note_open(key, was_open);
        result
    }

    fn compare_with_others<W: Wanted>(
        &mut self,
        file: &mut FollowedFile,
        wanted: &W,
        sink: &mut Sink<'_>,
    ) -> io::Result<Likeness> {
        file.has_same_head()?;
        if file.now.head.is_empty() {
            return Ok(Likeness::Beginning);
        }
        let mut opened = Vec::new();
        let mut found = Likeness::Different;
        for (key, other) in &mut self.files {
            if !file.may_be_like(other) {
                continue;
            }
            let (was_open, offset) = (other.is_open(), other.now.offset);
            // A file that cannot be read now is reported when it is looked at.
            let likeness = file.compare(other, wanted, sink);
            self.has_truncated |= other.now.offset < offset;
            opened.push((*key, was_open));
            found = likeness.unwrap_or(Likeness::Different);
            if found != Likeness::Different {
                break;
            }
        }
        for (key, was_open) in opened {
            self.note_open(key, was_open);
        }
        Ok(found)
    }

    /// Reads the files that were the beginnings of others, of which one was truncated.
    fn read_copies<W: Wanted>(&mut self, wanted: &W, sink: &mut Sink<'_>) {
        let copies = self.files.iter();
        let copies = copies.filter(|(_, file)| file.compared.is_some());
        let copies: Vec<FileKey> = copies.map(|(key, _)| *key).collect();
        for key in copies {
            // What cannot be read is reported when it is looked at.
            let _ = self.read(key, wanted, sink);
        }
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

    /// Reads files to their end that are in no folder any more, and forgets them. A file that is renamed while the folders are listed may
    /// be missing, so one that may still exist is only forgotten if it is missing again.
    fn drop_removed<W: Wanted>(&mut self, found: &Found, wanted: &W, sink: &mut Sink<'_>) {
        let there: HashSet<FileKey> = found.files.iter().map(|file| file.key).collect();
        let mut removed = HashSet::new();
        for (key, file) in self
            .files
            .iter_mut()
            .filter(|(key, _)| !there.contains(key))
        {
            if file.is_open() && file.compared.is_none() {
                // What is lost with a removed file is not worth a message.
                let _ = file.read(wanted, sink);
            }
            if file.is_gone() {
                file.end_contents(wanted, sink);
                file.compared = None;
                removed.insert(*key);
            }
        }
        if !removed.is_empty() {
            self.read_copies(wanted, sink);
        }
        self.files.retain(|key, file| {
            let is_removed = removed.contains(key);
            if is_removed {
                file.flush(wanted, sink);
            }
            !is_removed
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

    /// Closes the files that were opened first, if too many are open.
    fn note_open(&mut self, key: FileKey, was_open: bool) {
        if was_open || !self.files.get(&key).is_some_and(FollowedFile::is_open) {
            return;
        }
        self.open.push_back(key);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::IdRuns;
    use std::{fs, io::Write as _};

    const LINE: &str = "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 line ";

    /// The ends of the lines that arrive until there are this many.
    fn wait_for(lines: &mut NewLines, count: usize) -> Vec<u8> {
        let mut found = Vec::new();
        for _ in 0..600 {
            let problems = lines.wait(
                Duration::from_millis(50),
                &IdRuns::<true>,
                &mut |_, taken| found.extend(taken.raw.trim_ascii_end().last()),
            );
            assert!(problems.is_empty(), "{problems:?}");
            if found.len() >= count {
                break;
            }
        }
        found
    }

    #[test]
    fn a_file_that_is_missing_once_is_not_read_again_and_a_removed_one_is_not_either() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("app.log");
        let append = |number: u8| {
            let file = fs::File::options().append(true).create(true).open(&path);
            let written = file.and_then(|mut file| writeln!(file, "{LINE}{number}"));
            written.expect("it is written");
        };
        append(0);
        let mut sources = Sources::default();
        sources.add(folder.path().join("**"));
        let mut lines = NewLines::begin(sources, LeftOut::default());
        append(1);
        assert_eq!(wait_for(&mut lines, 1), *b"1");
        let mut again = 0;
        let nothing = Found::default();
        lines.drop_removed(&nothing, &IdRuns::<true>, &mut |_, _| again += 1);
        append(2);
        assert_eq!(wait_for(&mut lines, 1), *b"2");
        fs::remove_file(&path).expect("it is removed");
        for _ in 0..2 {
            lines.drop_removed(&nothing, &IdRuns::<true>, &mut |_, _| again += 1);
        }
        assert_eq!((again, lines.files.len()), (0, 0));
    }
}
