//! Looks at the files: which are new, have grown, were emptied, renamed or removed.

use super::{
    file_id::FileId,
    followed_file::{FollowedFile, is_settled},
    follower::{Follower, Role},
};
use crate::{
    cursor::{Mark, StoredFile},
    diagnosis::Diagnosis,
    lineage::Lineage,
    stats::Counter,
};
use log_files::{
    FileKey,
    discover::{Found, FoundFile, Problem},
    names::Compression,
    watch::Changes,
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Files that may have moved are looked for at most this often.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// The marks of contents that no file has any more are kept for this long, because a copy or a compressed file may appear later.
const KEEP_GONE: Duration = Duration::from_secs(7 * 86_400);
/// The maximum number of such marks.
const MAX_GONE: usize = 20_000;

impl Follower {
    /// Looks at what has changed, or at everything.
    pub(crate) fn look(&mut self, everything: bool) {
        let changes = self.watch.changes();
        let is_retry = (self.unidentified > 0 || !self.gone.is_empty())
            && self.last_look.elapsed() >= self.settings.poll;
        let is_moved =
            self.must_look && self.last_look.elapsed() >= BETWEEN_LOOKS.min(self.settings.poll);
        let is_due = everything || is_moved || self.look == 0 || is_retry;
        match changes {
            _ if is_due => self.look_at_everything(),
            Changes::Everything => self.look_at_everything(),
            Changes::Paths(paths) => {
                let found = self.finder.find_changed(paths.iter().map(PathBuf::as_path));
                let has_other_folders = found.has_other_folders;
                self.take_found(found);
                if has_other_folders {
                    self.watch.watch(self.finder.folders());
                }
                if paths.iter().any(|path| self.has_moved(path)) {
                    self.look_at_everything();
                }
            }
            Changes::Nothing => {}
        }
        self.look_at_missing();
        self.look_at_torn();
        self.count_waiting(true);
    }

    /// Returns the time until something has to be looked at that causes no event.
    pub(crate) fn look_due_in(&self) -> Duration {
        let has_missing = self.files.values().any(|file| file.missing_since.is_some());
        let torn = self.torn.values().min();
        let torn = torn.map(|due| due.saturating_duration_since(Instant::now()));
        let wait = self.watch.due_in();
        let wait = torn.map_or(wait, |torn| torn.min(wait));
        match has_missing || self.unidentified > 0 || self.must_look || !self.gone.is_empty() {
            true => wait.min(self.settings.poll),
            false => wait,
        }
    }

    fn look_at_everything(&mut self) {
        self.must_look = false;
        self.last_look = Instant::now();
        self.look += 1;
        self.unidentified = 0;
        self.unread.clear();
        let found = self.finder.find();
        let is_complete = found
            .problems
            .iter()
            .all(|problem| !matches!(problem, Problem::Unreadable { .. }));
        self.take_found(found);
        self.has_looked = true;
        self.watch.watch(self.finder.folders());
        if is_complete {
            self.note_missing();
            self.forget_gone();
        }
    }

    fn take_found(&mut self, found: Found) {
        for problem in &found.problems {
            if let Problem::Unreadable { path, .. } = problem {
                self.unread.insert(path.clone());
            }
            self.reporter.report_problem(problem.to_string());
        }
        // Files that are known by their keys come first: whether another file is a copy depends on whether they still have their contents.
        let is_known = |file: &FoundFile| self.cursor.of_file(&StoredFile::of(file)).is_some();
        let (known, others): (Vec<_>, Vec<_>) = found.files.into_iter().partition(is_known);
        for file in known.into_iter().chain(others) {
            self.take_file(file, found.is_complete);
        }
    }

    /// Takes a file that was found.
    fn take_file(&mut self, file: FoundFile, is_complete: bool) {
        let id = FileId::of(&file);
        let version = (file.bytes, file.modified);
        let Some(known) = self.found.get_mut(&id) else {
            return self.take_new(id, file);
        };
        let is_same = known.version == version;
        let is_settled = is_settled(file.modified, known.looked_at);
        known.version = version;
        known.looked_at = SystemTime::now();
        known.look = self.look;
        match known.role {
            Role::Followed(lineage) => {
                self.take_followed(lineage, file, is_same, is_complete);
                if is_same && !is_settled {
                    self.look_for_overwritten(lineage);
                }
            }
            // It may have nothing but reserved space, which was overwritten since.
            Role::Ignored if is_same && !is_settled && file.bytes > 0 => self.take_new(id, file),
            Role::CopyOf(_) | Role::Ignored if is_same => {}
            Role::CopyOf(_) | Role::Ignored => self.take_new(id, file),
        }
    }

    /// Looks for lines in the reserved space of a file whose size and modification time have not changed.
    fn look_for_overwritten(&mut self, lineage: Lineage) {
        let has_lines = |file: &FollowedFile| file.found_bytes() > file.position.offset;
        let file = self.files.get(&lineage);
        if file.is_some_and(FollowedFile::has_reserved_space)
            && self.verify(lineage)
            && self.files.get(&lineage).is_some_and(has_lines)
        {
            self.add_work_now(lineage);
        }
    }

    fn take_followed(
        &mut self,
        lineage: Lineage,
        file: FoundFile,
        is_same: bool,
        is_complete: bool,
    ) {
        let Some(followed) = self.files.get_mut(&lineage) else {
            return;
        };
        let other = |own: SystemTime| file.created.is_some_and(|created| created != own);
        if followed.found.created.is_some_and(other) {
            // The inode of a removed file was given to another one.
            return self.replace(lineage, file);
        }
        followed.missing_since = None;
        let mut file = file;
        file.compression = followed.found.compression;
        let has_moved = followed.found.path != file.path;
        let is_compressed = file.compression.is_some();
        let is_shorter = !is_compressed && file.bytes < followed.position.offset;
        if is_shorter {
            return self.replace(lineage, file);
        }
        if is_complete && !is_same {
            self.watch.note_growth(&file.path);
        }
        let stored = StoredFile::of(&file);
        let path = file.path.display().to_string();
        followed.found = file;
        if has_moved {
            self.cursor.change(lineage, |mark| mark.path = path);
        }
        let has_rest = followed.found_bytes() > followed.position.offset && !followed.is_done;
        if is_same {
            if has_rest && followed.found.is_closed && followed.waiting_since.is_none() {
                self.note_torn(lineage);
            }
            return;
        }
        followed.last_grown = Instant::now();
        followed.is_done = false;
        // Files that wait to be read and are closed, because there are too many, are not opened at each change.
        let is_due = is_complete || followed.is_open() || followed.waiting_since.is_none();
        if is_compressed {
            // What is appended to a compressed file is only read when it is opened again.
            followed.close();
        }
        self.cursor.change(lineage, |mark| {
            mark.file = Some(stored);
            mark.is_complete = false;
        });
        if is_compressed || !is_due || self.verify(lineage) {
            self.add_work_now(lineage);
        }
    }

    /// Opens a file that has grown, and notes its length if it still has the contents that were read. Returns whether it has.
    fn verify(&mut self, lineage: Lineage) -> bool {
        match self.open(lineage) {
            Ok(true) => return true,
            Ok(false) => self.note_replaced(lineage),
            Err(error) => self.note_unreadable(lineage, &error),
        }
        false
    }

    /// Notes that a file has lines that were written just now.
    pub(super) fn add_work_now(&mut self, lineage: Lineage) {
        let next = self
            .files
            .get(&lineage)
            .and_then(|file| file.builder.last_time);
        self.add_work(lineage, next.map_or(0, |last| last.nanos));
    }

    /// Takes a file that was emptied in place, or whose inode was given to another one. What was read before may be in another file now.
    fn replace(&mut self, lineage: Lineage, file: FoundFile) {
        self.stop_following(lineage);
        self.note_other_contents(lineage);
        let id = FileId::of(&file);
        self.found.remove(&id);
        self.take_new(id, file);
    }

    /// Notes that an open file no longer has the contents that were read.
    pub(super) fn note_replaced(&mut self, lineage: Lineage) {
        self.stop_following(lineage);
        self.note_other_contents(lineage);
        self.must_look = true;
    }

    /// Stops following contents. Their mark stays.
    pub(super) fn stop_following(&mut self, lineage: Lineage) {
        self.remove_work(lineage);
        self.open.remove(lineage);
        if let Some(file) = self.files.remove(&lineage) {
            self.found.remove(&FileId::of(&file.found));
        }
    }

    /// Notes that a file no longer has the contents of a mark. It is not recognised by its inode any more.
    pub(super) fn note_other_contents(&mut self, lineage: Lineage) {
        self.cursor.change(lineage, |mark| mark.file = None);
        self.note_gone(lineage);
    }

    /// Notes that the file with the contents of a mark is in no folder. It may only have been renamed at this moment, so the mark keeps the
    /// file by which it is recognised.
    fn note_gone(&mut self, lineage: Lineage) {
        self.cursor.change(lineage, |mark| {
            mark.gone_since.get_or_insert_with(now_seconds);
        });
        let mark = self.cursor.get(lineage);
        if mark.is_some_and(|mark| mark.unshipped() > 0) {
            self.gone.insert(lineage);
        }
        // A copy may continue where the file ended.
        let copies = self
            .found
            .iter()
            .filter(|(_, known)| known.role == Role::CopyOf(lineage));
        let copies: Vec<FileId> = copies.map(|(id, _)| id.clone()).collect();
        self.must_look |= !copies.is_empty();
        for id in copies {
            self.found.remove(&id);
        }
    }

    /// Whether a followed file is no longer at a path.
    fn has_moved(&self, path: &Path) -> bool {
        let at_path = fs::symlink_metadata(path)
            .map(|metadata| FileKey::of(&metadata))
            .ok();
        let mut followed = self.files.values().filter(|file| file.found.path == path);
        FileKey::IS_UNIQUE
            && followed.any(|file| Some(file.found.key) != at_path && file.missing_since.is_none())
    }

    /// Notes which files the last look at everything has not found. An open one is read on, because its writer may hold it too.
    fn note_missing(&mut self) {
        let missing = self
            .found
            .iter()
            .filter(|(_, known)| known.look != self.look);
        let missing: Vec<(FileId, Role)> = missing
            .map(|(id, known)| (id.clone(), known.role))
            .collect();
        for (id, role) in missing {
            let Role::Followed(lineage) = role else {
                self.found.remove(&id);
                continue;
            };
            match self.files.get_mut(&lineage) {
                Some(file) if file.missing_since.is_none() => {
                    file.missing_since = Some(Instant::now());
                    if file.is_open() {
                        file.last_grown = Instant::now();
                        self.add_work_now(lineage);
                    } else {
                        // It may have been renamed while its folder was listed, so that neither name was found.
                        self.must_look = true;
                    }
                }
                Some(file) if file.is_open() => {}
                _ => {
                    self.stop_following(lineage);
                    self.note_gone(lineage);
                }
            }
        }
    }

    /// Looks at files that are in no folder any more. They cause no events.
    fn look_at_missing(&mut self) {
        let missing = self
            .files
            .iter()
            .filter(|(_, file)| file.missing_since.is_some());
        let missing: Vec<Lineage> = missing.map(|(lineage, _)| *lineage).collect();
        for lineage in missing {
            let wait = self.settings.rotate_wait;
            let is_in_flight = self.is_in_flight(lineage);
            let is_stuck = self.is_stuck();
            let Some(file) = self.files.get_mut(&lineage) else {
                continue;
            };
            if !file.is_open() {
                continue;
            }
            if file.has_grown().unwrap_or(false) {
                file.last_grown = Instant::now();
                if self.verify(lineage) {
                    self.add_work_now(lineage);
                }
                continue;
            }
            let is_read = file.position.offset >= file.found_bytes() || file.is_done;
            let is_old = file.last_grown.elapsed() >= wait;
            if is_old && !is_read && file.waiting_since.is_none() {
                // The last line has no newline, and nobody will write one.
                self.add_work_now(lineage);
            } else if is_old && (is_read && !is_in_flight || is_stuck)
                || (is_read && file.is_removed() && self.settings.is_backfill)
            {
                self.stop_following(lineage);
                self.note_gone(lineage);
            }
        }
    }

    /// Notes that the last line of a closed file has no newline. It is shipped if nothing is appended for some time.
    pub(super) fn note_torn(&mut self, lineage: Lineage) {
        if let Some(file) = self.files.get(&lineage) {
            let due = file.last_grown + self.settings.rotate_wait;
            self.torn.entry(lineage).or_insert(due);
        }
    }

    /// Reads last lines without newlines of files to which nothing was appended for some time.
    fn look_at_torn(&mut self) {
        let now = Instant::now();
        let due = self.torn.iter().filter(|(_, due)| **due <= now);
        let due: Vec<Lineage> = due.map(|(lineage, _)| *lineage).collect();
        for lineage in due {
            self.torn.remove(&lineage);
            self.add_work_now(lineage);
        }
    }

    /// Whether the server has confirmed nothing for a long time. A removed file is then closed, so that the system frees its space.
    fn is_stuck(&self) -> bool {
        // While nothing is sent, the server has nothing to confirm.
        let is_sending = !self.in_flight.is_empty();
        is_sending && self.last_confirmed.elapsed() >= self.settings.rotate_wait
    }

    /// Finds out which marks belong to files that no longer exist, reports what was lost with them, and forgets old ones.
    fn forget_gone(&mut self) {
        let others: Vec<Lineage> = self
            .cursor
            .marks()
            .iter()
            .filter(|(lineage, mark)| {
                mark.gone_since.is_none()
                    && !self.files.contains_key(lineage)
                    && !self.unlisted.contains(lineage)
            })
            .map(|(lineage, _)| *lineage)
            .collect();
        for lineage in others {
            self.check_unlisted(lineage);
        }
        let now = now_seconds();
        let gone: Vec<(Lineage, u64)> = self
            .cursor
            .marks()
            .iter()
            .filter_map(|(lineage, mark)| Some((*lineage, mark.gone_since?)))
            .collect();
        let wait = match self.settings.is_backfill {
            true => 0,
            false => self.settings.rotate_wait.as_secs(),
        };
        let surplus = gone.len().saturating_sub(MAX_GONE);
        let mut oldest = gone.clone();
        oldest.sort_by_key(|(_, since)| *since);
        let oldest: Vec<Lineage> = oldest
            .into_iter()
            .take(surplus)
            .map(|(lineage, _)| lineage)
            .collect();
        for (lineage, since) in gone {
            if self.is_in_flight(lineage) {
                continue;
            }
            if since + wait <= now && self.unidentified == 0 {
                self.report_lost(lineage);
            }
            if since + KEEP_GONE.as_secs() <= now || oldest.contains(&lineage) {
                self.cursor.remove(lineage);
            }
        }
    }

    /// A mark of a file that is not among the files to ship. The file may exist, for example because the service has a new name.
    fn check_unlisted(&mut self, lineage: Lineage) {
        let Some(mark) = self.cursor.get(lineage) else {
            return;
        };
        if exists(mark) {
            self.unlisted.insert(lineage);
            let (file, bytes) = (mark.path.clone(), mark.unshipped());
            if bytes > 0 {
                self.reporter.report(&Diagnosis::NotListed { file, bytes });
            }
            return;
        }
        self.note_gone(lineage);
    }

    fn report_lost(&mut self, lineage: Lineage) {
        self.gone.remove(&lineage);
        let mark = self.cursor.get(lineage);
        let Some(mark) = mark.filter(|mark| mark.unshipped() > 0) else {
            return;
        };
        let (lost, maybe_lost) = self.cursor.lost(lineage);
        let file = mark.path.clone();
        self.cursor
            .change(lineage, |mark| mark.length = mark.offset());
        if maybe_lost > 0 {
            self.reporter.report(&Diagnosis::MayBeLost {
                file: file.clone(),
                bytes: maybe_lost,
            });
        }
        if lost > 0 {
            self.stats.add(Counter::lost_bytes, lost);
            self.reporter
                .report(&Diagnosis::Removed { file, bytes: lost });
        }
    }
}

/// Whether the file of a mark is still at its path.
pub(super) fn exists(mark: &Mark) -> bool {
    let at_path = fs::symlink_metadata(&mark.path);
    let is_compressed = Compression::of(&mark.path).is_some();
    let is_same = |file: StoredFile| {
        let at_path = at_path.as_ref().map(StoredFile::at);
        at_path.is_ok_and(|at_path| {
            file.may_be(&at_path) && (is_compressed || at_path.bytes >= mark.length)
        })
    };
    mark.file.is_some_and(is_same)
}

fn now_seconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}
