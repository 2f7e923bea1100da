//! Scans for files, identifies them, and closes files that are read to their end or removed.

use super::{FollowedFile, Worker, finished_file::FinishedFile};
use crate::diagnosis::Diagnosis;
use crate::{
    cursor::Mark,
    fallback_times::FallbackTimes,
    files::{Candidate, FileId, OpenFile, TAIL_BYTES},
    stats::Counter,
    time::LineTimes,
};
use std::{
    collections::HashSet,
    io, mem,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// Maximum number of open files. Other files wait until one of these is read to its end.
const MAX_OPEN_FILES: usize = 128;
/// A file that has not grown for this long is closed. It is opened again when it grows.
const IDLE: Duration = Duration::from_secs(60);

/// Opens a file of the cursor at its last known path. Returns `None` if another file is there, or its contents were replaced.
fn open_original(known: FileId, mark: &Mark) -> Option<OpenFile> {
    let mut original = OpenFile::open(Path::new(&mark.name)).ok()??;
    let is_intact = mark.fits(&mut original).ok()?;
    (original.id == known && is_intact).then_some(original)
}

/// The result of comparing a file with the files of the cursor.
enum Identity {
    /// The file with this identity: a file of the cursor, its continuation, or a new file.
    Is(FileId),
    /// A copy of the file with this identity, which still exists.
    CopyOf(FileId),
}

impl Worker {
    /// Finds new files, and files that have grown, if a scan is due.
    pub(super) fn scan(&mut self, is_stopping: bool) {
        let is_due = self
            .last_scan
            .is_none_or(|last| last.elapsed() >= self.settings.poll);
        if !is_due && !is_stopping && !self.is_at_file_limit {
            return;
        }
        self.last_scan = Some(Instant::now());
        let candidates = match self.sources.find() {
            Ok(candidates) => candidates,
            Err(error) => {
                self.delivery.reporter.report_problem(format!(
                    "the folders of the log files cannot be read: {error}"
                ));
                // Counts the unreadable folder as one unread file.
                self.unread.insert(PathBuf::new());
                return;
            }
        };
        self.close_finished();
        self.is_at_file_limit = false;
        self.has_unidentified = false;
        let inodes: HashSet<u64> = candidates.iter().map(Candidate::inode).collect();
        let mut seen = HashSet::new();
        for candidate in &candidates {
            match self.follow(candidate, &inodes) {
                Ok(Some(id)) => {
                    seen.insert(id);
                }
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => self.note_unread(&candidate.path, &error),
            }
        }
        self.close_removed();
        if !self.has_unidentified {
            self.forget_removed(&seen);
        }
        for file in &mut self.files {
            let length = file.open_file.length();
            if let Some(mark) = self.cursor.marks.get_mut(&file.id)
                && let Some(length) = length
                && length > mark.bytes
            {
                mark.bytes = length;
                file.last_grown = Instant::now();
                self.is_unsaved = true;
            }
            if length.is_none_or(|length| length > file.position) && !file.is_finished {
                file.waiting_since.get_or_insert_with(Instant::now);
            }
        }
        self.delivery
            .stats
            .set(Counter::waiting_bytes, self.unshipped_bytes());
    }

    pub(super) fn note_unread(&mut self, path: &Path, error: &io::Error) {
        let what = format!("{} cannot be read: {error}", path.display());
        self.delivery.reporter.report_problem(what);
        self.unread.insert(path.to_owned());
    }

    /// Opens a file that is new, or has grown since it was closed. Returns its identity, or `None` if that is not known yet.
    fn follow(
        &mut self,
        candidate: &Candidate,
        inodes: &HashSet<u64>,
    ) -> io::Result<Option<FileId>> {
        let path = &candidate.path;
        if let Some(at) = self
            .files
            .iter()
            .position(|file| file.open_file.is_same_file(candidate))
        {
            if let Some(file) = self.files.get_mut(at)
                && file.is_intact()?
            {
                file.path.clone_from(path);
                return Ok(Some(file.id));
            }
            // The file was emptied in place. The unread lines are in a copy, or lost.
            self.files.remove(at);
        }
        if let Some(finished) = self.finished.get(path)
            && finished.fingerprint == candidate.fingerprint()
        {
            return Ok(Some(finished.id));
        }
        if let Some((fingerprint, original)) = self.copies.get(path)
            && *fingerprint == candidate.fingerprint()
            && original.has_inode_in(inodes)
        {
            return Ok(Some(*original));
        }
        if self.files.len() >= MAX_OPEN_FILES {
            self.is_at_file_limit = true;
            self.has_unidentified = true;
            return Ok(None);
        }
        let Some(mut open) = OpenFile::open(path)? else {
            return Ok(None);
        };
        if open.is_compressed()
            && !self.settings.is_backfill
            && candidate.is_younger_than(self.settings.poll)
        {
            // Another program may still be writing the compressed file.
            self.has_unidentified = true;
            return Ok(None);
        }
        let id = match self.identify(&mut open, inodes)? {
            Identity::Is(id) => id,
            Identity::CopyOf(original) => {
                let copy = (candidate.fingerprint(), original);
                self.copies.insert(path.clone(), copy);
                return Ok(Some(original));
            }
        };
        if self.files.iter().any(|file| file.id == id) {
            // The file was compressed or copied meanwhile. The one that is open already is read to its end first.
            return Ok(Some(id));
        }
        let mark = self.cursor.marks.entry(id).or_default();
        mark.name = path.display().to_string();
        let is_shorter = open.length().is_some_and(|length| length < mark.offset);
        if is_shorter || (!open.is_compressed() && !mark.fits(&mut open)?) {
            // The file was emptied in place, and begins with the same line again.
            *mark = Mark {
                name: mem::take(&mut mark.name),
                generation: mark.generation + 1,
                ..Mark::default()
            };
        }
        if let Some(length) = open.uncompressed_length() {
            mark.bytes = mark.bytes.max(length);
        }
        let (position, fallback_times) = (mark.offset, mark.fallback_times.clone());
        let (tail, generation) = (mark.tail, mark.generation);
        self.is_unsaved = true;
        let mut followed = FollowedFile {
            id,
            open_file: open,
            path: path.clone(),
            position,
            tail,
            generation,
            reader: Arc::clone(&self.settings.reader),
            times: LineTimes::new(FallbackTimes::new(fallback_times)),
            waiting_since: None,
            last_grown: Instant::now(),
            removed_at: None,
            is_finished: false,
        };
        followed.look_back()?;
        self.files.push(followed);
        Ok(Some(id))
    }

    /// Compares a file with the files of the cursor.
    ///
    /// A file with a different inode but the same first line is treated as the continuation of the original if the original is gone or was
    /// emptied, and as a copy if the original still exists. In both cases the bytes before the cursor's position, or before the end of the
    /// shorter file, have to be equal too.
    fn identify(&mut self, open: &mut OpenFile, inodes: &HashSet<u64>) -> io::Result<Identity> {
        let id = open.id;
        if self.cursor.marks.contains_key(&id) {
            return Ok(Identity::Is(id));
        }
        let marks = self.cursor.marks.iter();
        let candidates: Vec<(FileId, Mark)> = marks
            .filter(|(known, _)| known.has_same_first_line(id))
            .map(|(known, mark)| (*known, mark.clone()))
            .collect();
        for (known, mark) in candidates {
            let exists = known.has_inode_in(inodes);
            let fits_mark = mark.fits(open)?;
            let Some(at) = self.files.iter().position(|file| file.id == known) else {
                if let Some(mut original) = open_original(known, &mark).filter(|_| exists) {
                    if open.is_copy_of(&mut original)? {
                        return Ok(Identity::CopyOf(known));
                    }
                } else if fits_mark && mark.offset >= TAIL_BYTES {
                    return Ok(Identity::Is(known));
                }
                continue;
            };
            let Some(file) = self.files.get_mut(at) else {
                continue;
            };
            let is_continuation = match file.is_intact()? {
                false => fits_mark,
                true if exists && open.is_copy_of(&mut file.open_file)? => {
                    return Ok(Identity::CopyOf(known));
                }
                true => !exists && open.shares_content_with(&mut file.open_file)?,
            };
            if is_continuation {
                self.files.remove(at);
                return Ok(Identity::Is(known));
            }
        }
        Ok(Identity::Is(id))
    }

    /// Closes files that were read to their end and do not grow.
    fn close_finished(&mut self) {
        for file in &mut self.files {
            let is_idle = (self.is_at_file_limit || file.last_grown.elapsed() > IDLE)
                && file
                    .open_file
                    .length()
                    .is_some_and(|length| length == file.position);
            file.is_finished |= is_idle;
        }
        let in_flight: HashSet<FileId> = self.in_flight.iter().map(|flight| flight.file).collect();
        let is_done = |file: &FollowedFile| file.is_finished && !in_flight.contains(&file.id);
        for file in self.files.iter().filter(|file| is_done(file)) {
            // Another file may be at this path by now.
            if let Some(candidate) = Candidate::at(file.path.clone())
                && file.open_file.is_same_file(&candidate)
            {
                let finished = FinishedFile {
                    id: file.id,
                    fingerprint: candidate.fingerprint(),
                };
                self.finished.insert(candidate.path, finished);
            }
        }
        self.files.retain(|file| !is_done(file));
        self.finished.retain(|path, _| path.exists());
        self.copies.retain(|path, _| path.exists());
    }

    /// Closes removed files while the server accepts nothing for a long time, so that the operating system frees their space on the disk.
    fn close_removed(&mut self) {
        let wait = self.settings.rotate_wait;
        let is_stuck = self.last_delivery.elapsed() >= wait;
        self.files.retain_mut(|file| {
            if !file.open_file.is_removed() {
                return true;
            }
            let since = file.removed_at.get_or_insert_with(Instant::now);
            !is_stuck || since.elapsed() < wait
        });
    }

    /// Whether a file exists but is not among the files to ship. The service may have a new name, or this shipper was started with other
    /// files. The file's mark is kept.
    fn is_unlisted(&self, id: FileId, mark: &Mark) -> bool {
        match self.unlisted.contains(&id) {
            true => Path::new(&mark.name).exists(),
            false => open_original(id, mark).is_some(),
        }
    }

    /// Removes the marks of files that no longer exist, and reports the bytes that were not shipped.
    fn forget_removed(&mut self, seen: &HashSet<FileId>) {
        let open: HashSet<FileId> = self.files.iter().map(|file| file.id).collect();
        let in_flight: HashSet<FileId> = self.in_flight.iter().map(|flight| flight.file).collect();
        let gone: Vec<FileId> = self
            .cursor
            .marks
            .keys()
            .filter(|id| !seen.contains(id) && !open.contains(id) && !in_flight.contains(id))
            .copied()
            .collect();
        for id in gone {
            let Some(mark) = self.cursor.marks.get(&id) else {
                continue;
            };
            let bytes = mark.bytes.saturating_sub(mark.offset);
            if self.is_unlisted(id, mark) {
                if self.unlisted.insert(id) && bytes > 0 {
                    let file = mark.name.clone();
                    self.delivery
                        .reporter
                        .report(&Diagnosis::NotListed { file, bytes });
                }
                continue;
            }
            self.unlisted.remove(&id);
            let Some(mark) = self.cursor.marks.remove(&id) else {
                continue;
            };
            self.is_unsaved = true;
            if bytes > 0 {
                self.delivery.stats.add(Counter::lost_bytes, bytes);
                self.delivery.reporter.report(&Diagnosis::Removed {
                    file: mark.name,
                    bytes,
                });
            }
        }
    }
}
