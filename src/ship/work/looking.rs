//! Which files there are, which file is which, and what of them is over.

use super::{Following, Work};
use crate::ship::{
    cursor::Mark,
    files::{Candidate, FileId, Open, TAIL},
    stamps::Stamps,
    stats::Counter,
    time::Distinct,
};
use crate::stats::Diagnosis;
use std::{
    collections::HashSet,
    io, mem,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

/// So many files are open at most: others wait until one of these is read to its end.
const MOST_OPEN: usize = 128;
/// A file that has not grown for so long is closed, and opened again when it does.
const IDLE: Duration = Duration::from_secs(60);

/// What a file was like when it had been read to its end.
pub(super) struct Finished {
    id: FileId,
    shape: (u64, SystemTime),
}

/// A file that the cursor knows, where it is still under its last name, and what it was.
fn original_of(known: FileId, mark: &Mark) -> Option<Open> {
    let mut original = Open::at(Path::new(&mark.name)).ok()??;
    let is_still = mark.fits(&mut original).ok()?;
    (original.id == known && is_still).then_some(original)
}

/// Which file one is that the cursor does not know.
enum Known {
    As(FileId),
    CopyOf(FileId),
}

impl Work {
    /// Sees which files there are, and which have grown.
    pub(super) fn look(&mut self, is_stopping: bool) {
        let is_due = self
            .last_look
            .is_none_or(|last| last.elapsed() >= self.settings.poll);
        if !is_due && !is_stopping && !self.is_full {
            return;
        }
        self.last_look = Some(Instant::now());
        let candidates = match self.sources.find() {
            Ok(candidates) => candidates,
            Err(error) => {
                self.delivery
                    .told
                    .hindered(format!("files cannot be found: {error}"));
                // What is in the folder is not known.
                self.unread.insert(PathBuf::new());
                return;
            }
        };
        self.forget_finished();
        self.is_full = false;
        self.has_unknown = false;
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
        self.let_go_of_removed();
        if !self.has_unknown {
            self.forget_removed(&seen);
        }
        for file in &mut self.files {
            let length = file.open.length();
            if let Some(mark) = self.cursor.marks.get_mut(&file.id)
                && let Some(length) = length
                && length > mark.bytes
            {
                mark.bytes = length;
                file.last_grown = Instant::now();
                self.is_unsaved = true;
            }
            if length.is_none_or(|length| length > file.read) && !file.is_finished {
                file.since.get_or_insert_with(Instant::now);
            }
        }
        self.delivery
            .stats
            .set(Counter::waiting_bytes, self.unshipped());
    }

    pub(super) fn note_unread(&mut self, path: &Path, error: &io::Error) {
        let what = format!("{} cannot be read: {error}", path.display());
        self.delivery.told.hindered(what);
        self.unread.insert(path.to_owned());
    }

    /// Opens a file that is new, or has grown since it was finished. Which file it is.
    fn follow(
        &mut self,
        candidate: &Candidate,
        inodes: &HashSet<u64>,
    ) -> io::Result<Option<FileId>> {
        let path = &candidate.path;
        if let Some(at) = self
            .files
            .iter()
            .position(|file| file.open.is_at(candidate))
        {
            if let Some(file) = self.files.get_mut(at)
                && file.is_still()?
            {
                file.path.clone_from(path);
                return Ok(Some(file.id));
            }
            // Emptied in place. What was not read of it is in a copy, or gone.
            self.files.remove(at);
        }
        if let Some(finished) = self.finished.get(path)
            && finished.shape == candidate.shape()
        {
            return Ok(Some(finished.id));
        }
        if let Some((shape, original)) = self.copies.get(path)
            && *shape == candidate.shape()
            && original.is_among(inodes)
        {
            return Ok(Some(*original));
        }
        if self.files.len() >= MOST_OPEN {
            self.is_full = true;
            self.has_unknown = true;
            return Ok(None);
        }
        let Some(mut open) = Open::at(path)? else {
            return Ok(None);
        };
        if open.is_packed()
            && !self.settings.to_end
            && candidate.is_younger_than(self.settings.poll)
        {
            // Somebody may just be compressing it.
            self.has_unknown = true;
            return Ok(None);
        }
        let id = match self.known_as(&mut open, inodes)? {
            Known::As(id) => id,
            Known::CopyOf(original) => {
                let copy = (candidate.shape(), original);
                self.copies.insert(path.clone(), copy);
                return Ok(Some(original));
            }
        };
        if self.files.iter().any(|file| file.id == id) {
            // Compressed or copied meanwhile: what is open already is read to its end first.
            return Ok(Some(id));
        }
        let mark = self.cursor.marks.entry(id).or_default();
        mark.name = path.display().to_string();
        let is_shorter = open.length().is_some_and(|length| length < mark.offset);
        if is_shorter || (!open.is_packed() && !mark.fits(&mut open)?) {
            // Emptied in place, and begun with the same line.
            *mark = Mark {
                name: mem::take(&mut mark.name),
                generation: mark.generation + 1,
                ..Mark::default()
            };
        }
        if let Some(length) = open.packed_length() {
            mark.bytes = mark.bytes.max(length);
        }
        let (read, stamps) = (mark.offset, mark.stamps.clone());
        let (tail, generation) = (mark.tail, mark.generation);
        self.is_unsaved = true;
        let mut file = Following {
            id,
            open,
            path: path.clone(),
            read,
            tail,
            generation,
            reader: Arc::clone(&self.settings.reader),
            distinct: Distinct::new(Stamps::new(stamps)),
            since: None,
            last_grown: Instant::now(),
            removed: None,
            is_finished: false,
        };
        file.look_back()?;
        self.files.push(file);
        Ok(Some(id))
    }

    /// Which file it is. A copy, of another inode, is its original where that is no more, and nothing of its own where that is still
    /// there: by the first line, and by what stands where both end or where the original was left.
    fn known_as(&mut self, open: &mut Open, inodes: &HashSet<u64>) -> io::Result<Known> {
        let id = open.id;
        if self.cursor.marks.contains_key(&id) {
            return Ok(Known::As(id));
        }
        let alike = self.cursor.marks.iter();
        let alike: Vec<(FileId, Mark)> = alike
            .filter(|(known, _)| known.is_alike(id))
            .map(|(known, mark)| (*known, mark.clone()))
            .collect();
        for (known, mark) in alike {
            let is_there = known.is_among(inodes);
            let was_left_so = mark.fits(open)?;
            let Some(at) = self.files.iter().position(|file| file.id == known) else {
                if let Some(mut original) = original_of(known, &mark).filter(|_| is_there) {
                    if open.is_copy_of(&mut original)? {
                        return Ok(Known::CopyOf(known));
                    }
                } else if was_left_so && mark.offset >= TAIL {
                    return Ok(Known::As(known));
                }
                continue;
            };
            let Some(file) = self.files.get_mut(at) else {
                continue;
            };
            let is_it = match file.is_still()? {
                false => was_left_so,
                true if is_there && open.is_copy_of(&mut file.open)? => {
                    return Ok(Known::CopyOf(known));
                }
                true => !is_there && open.has_what_is_in(&mut file.open)?,
            };
            if is_it {
                self.files.remove(at);
                return Ok(Known::As(known));
            }
        }
        Ok(Known::As(id))
    }

    /// Closes what was read to its end and does not grow.
    fn forget_finished(&mut self) {
        for file in &mut self.files {
            let is_idle = (self.is_full || file.last_grown.elapsed() > IDLE)
                && file.open.length().is_some_and(|length| length == file.read);
            file.is_finished |= is_idle;
        }
        let in_flight: HashSet<FileId> = self.in_flight.iter().map(|flight| flight.file).collect();
        let is_over = |file: &Following| file.is_finished && !in_flight.contains(&file.id);
        for file in self.files.iter().filter(|file| is_over(file)) {
            // Under its name there may be another by now.
            if let Some(candidate) = Candidate::at(file.path.clone())
                && file.open.is_at(&candidate)
            {
                let finished = Finished {
                    id: file.id,
                    shape: candidate.shape(),
                };
                self.finished.insert(candidate.path, finished);
            }
        }
        self.files.retain(|file| !is_over(file));
        self.finished.retain(|path, _| path.exists());
        self.copies.retain(|path, _| path.exists());
    }

    /// Closes removed files while nothing of them can be delivered: the disk has their space back then.
    fn let_go_of_removed(&mut self) {
        let wait = self.settings.rotate_wait;
        let is_stuck = self.last_delivered.elapsed() >= wait;
        self.files.retain_mut(|file| {
            if !file.open.is_removed() {
                return true;
            }
            let since = file.removed.get_or_insert_with(Instant::now);
            !is_stuck || since.elapsed() < wait
        });
    }

    /// Whether a file is there, and not among the files to ship: a service has a new name, or this shipper was started for other
    /// files. Its mark is kept.
    fn is_left(&self, id: FileId, mark: &Mark) -> bool {
        match self.left.contains(&id) {
            true => Path::new(&mark.name).exists(),
            false => original_of(id, mark).is_some(),
        }
    }

    /// Forgets files that are no more, and reports what of them was not shipped.
    fn forget_removed(&mut self, seen: &HashSet<FileId>) {
        let still_read: HashSet<FileId> = self.files.iter().map(|file| file.id).collect();
        let in_flight: HashSet<FileId> = self.in_flight.iter().map(|flight| flight.file).collect();
        let gone: Vec<FileId> = self
            .cursor
            .marks
            .keys()
            .filter(|id| !seen.contains(id) && !still_read.contains(id) && !in_flight.contains(id))
            .copied()
            .collect();
        for id in gone {
            let Some(mark) = self.cursor.marks.get(&id) else {
                continue;
            };
            let bytes = mark.bytes.saturating_sub(mark.offset);
            if self.is_left(id, mark) {
                if self.left.insert(id) && bytes > 0 {
                    let file = mark.name.clone();
                    self.delivery
                        .told
                        .tell(&Diagnosis::UnshippedLeft { file, bytes });
                }
                continue;
            }
            self.left.remove(&id);
            let Some(mark) = self.cursor.marks.remove(&id) else {
                continue;
            };
            self.is_unsaved = true;
            if bytes > 0 {
                self.delivery.stats.add(Counter::lost_bytes, bytes);
                self.delivery.told.tell(&Diagnosis::UnshippedRemoved {
                    file: mark.name,
                    bytes,
                });
            }
        }
    }
}
