//! Finds out which contents a new file has: those of a file that was read before under another name or inode, or new ones.

use super::{
    compare::{common_beginning, head, is_intact},
    file_id::FileId,
    followed_file::FollowedFile,
    follower::{Follower, Known, Role},
    look::exists,
};
use crate::{
    batch::own_id,
    cursor::{Checkpoint, HEAD_BYTES, Mark, StoredFile, nanos},
    lineage::Lineage,
};
use log_files::{Content, LineLocator, Wrapping, discover::FoundFile, is_binary, parse_time};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

/// Which contents a file has.
enum Contents {
    /// The contents of a mark. The file of the mark no longer exists.
    Of(Lineage),
    /// The contents of a mark. The file of the mark still exists.
    CopyOf(Lineage),
    /// Up to this checkpoint, the contents of a mark.
    BeginsLike(Lineage, Checkpoint),
    New,
}

impl Follower {
    /// Takes a file that this process does not know yet.
    pub(super) fn take_new(&mut self, id: FileId, file: FoundFile) {
        let known = Known {
            role: Role::Ignored,
            version: (file.bytes, file.modified),
            look: self.look,
        };
        self.found.insert(id.clone(), known);
        if file.bytes == 0 {
            if let Some((lineage, _)) = self.mark_of(&StoredFile::of(&file)) {
                // It was emptied in place.
                self.note_gone(lineage);
            }
            return;
        }
        if self.is_being_compressed(&file) {
            self.found.remove(&id);
            self.unidentified += 1;
            return;
        }
        match self.role_of(&file) {
            Ok(role) => {
                if let Some(known) = self.found.get_mut(&id) {
                    known.role = role;
                }
            }
            Err(error) => {
                self.found.remove(&id);
                self.close_if_none_is_free(&error);
                self.unidentified += 1;
                if error.kind() == io::ErrorKind::Unsupported {
                    self.reporter
                        .report_problem(format!("{} is left out: {error}", file.path.display()));
                    self.unidentified -= 1;
                } else if error.kind() != io::ErrorKind::NotFound {
                    self.note_unread(file.path, &error);
                }
            }
        }
    }

    /// Whether another program may still be writing a compressed file.
    fn is_being_compressed(&self, file: &FoundFile) -> bool {
        let age = SystemTime::now().duration_since(file.modified);
        file.compression.is_some()
            && !self.settings.is_backfill
            && age.is_ok_and(|age| age < self.settings.poll)
    }

    fn role_of(&mut self, file: &FoundFile) -> io::Result<Role> {
        let stored = StoredFile::of(file);
        if let Some((lineage, mark)) = self.mark_of(&stored)
            && mark.file == Some(stored)
            && (mark.is_complete || (mark.offset() == stored.bytes && file.compression.is_none()))
        {
            // It has not changed since it was read to its end.
            return Ok(self.follow(lineage, file, None));
        }
        let mut content = FollowedFile::open_found(file)?;
        if file.compression.is_some() && !content.is_compressed() {
            let what = "it has the name of a compressed file, but is not one";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        let head = head(&mut content)?;
        if is_binary(&head) {
            self.reporter.report_problem(format!(
                "{} is left out, because it is not a text",
                file.path.display()
            ));
            return Ok(Role::Ignored);
        }
        if let Some((lineage, mark)) = self.mark_of(&stored)
            && !self.files.contains_key(&lineage)
        {
            let is_whole = content.is_compressed() || mark.offset() <= stored.bytes;
            if is_whole && is_intact(&mut content, &head, mark)? {
                return Ok(self.follow(lineage, file, Some(content)));
            }
            // The inode has been given to another file, or the file was emptied and written again.
            self.note_gone(lineage);
        }
        let contents = self.contents_of(file, &mut content, &head)?;
        Ok(match contents {
            Contents::Of(lineage) => {
                self.forget_followed(lineage);
                self.follow(lineage, file, Some(content))
            }
            Contents::CopyOf(lineage) => Role::CopyOf(lineage),
            Contents::BeginsLike(lineage, common) => {
                let mark = self
                    .cursor
                    .get(lineage)
                    .map(|mark| begun_like(mark, common));
                self.follow_new(mark.unwrap_or_default(), file, &head, content)
            }
            Contents::New => {
                self.note_begun_elsewhere(&head);
                self.follow_new(Mark::default(), file, &head, content)
            }
        })
    }

    pub(super) fn mark_of(&self, stored: &StoredFile) -> Option<(Lineage, &Mark)> {
        let (lineage, mark) = self.cursor.of_key(stored.key)?;
        let is_same = mark.file.is_some_and(|file| file.may_be(stored));
        is_same.then_some((lineage, mark))
    }

    /// Compares a file with everything that was read before.
    ///
    /// Lines that bring their own ids are never the same by chance, so a file that begins with the same ones is a copy. Other texts can be
    /// equal by chance: several processes write the same lines, and every start writes the same banner. Then all that was read has to be the
    /// same, at least one of its lines has a time or it is long, and the file has the name that a copy would have. Otherwise the lines are
    /// shipped again: a repeat is better than a loss.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or with `NotFound` if it has to be compared later, because lines are being sent.
    fn contents_of(
        &mut self,
        file: &FoundFile,
        content: &mut Content,
        head: &[u8],
    ) -> io::Result<Contents> {
        let has_ids = self.has_own_ids(head);
        let mut best = Contents::New;
        let mut longest = 0;
        for lineage in self.cursor.beginning_like(head) {
            if self.is_in_flight(lineage) {
                self.must_look = true;
                return Err(io::ErrorKind::NotFound.into());
            }
            let open = match self.files.get_mut(&lineage) {
                Some(file) => file.beginning_of(content)?,
                None => None,
            };
            let Some(mark) = self.cursor.get(lineage) else {
                continue;
            };
            let is_unread = mark.offset() == 0;
            let confirmed = common_beginning(content, mark)?;
            let common = match open {
                Some(end) => Some(end),
                // Nothing was confirmed, so nothing can be lost or repeated, but the ids of other lines must not.
                None if is_unread && has_ids => Some(mark.head),
                None => confirmed,
            };
            let Some(common) = common else {
                continue;
            };
            let is_all = open.is_some() || is_unread || common == mark.checkpoints.last();
            let is_certain = mark.last_time.is_some() || common.offset >= HEAD_BYTES as u64;
            if is_all && confirmed == Some(mark.checkpoints.last()) {
                // The rest is read from this file, even if this file is read from its start.
                self.begun_elsewhere.insert(lineage);
            }
            if common.offset <= longest || !(has_ids || is_all && is_certain) {
                continue;
            }
            let length = mark.length.max(common.offset);
            let is_longer = content.read_at(length, &mut [0])? > 0;
            let contents = match self.file_of(lineage) {
                Some(_) if is_unread && open.is_none() => continue,
                Some(_) if has_ids && (is_longer || !is_all) => {
                    Contents::BeginsLike(lineage, confirmed.unwrap_or_default())
                }
                Some(_) if has_ids => Contents::CopyOf(lineage),
                Some(original) if file.is_closed && original == file.current() => match is_longer {
                    true => Contents::BeginsLike(lineage, confirmed.unwrap_or_default()),
                    false => Contents::CopyOf(lineage),
                },
                None if has_ids && !is_all => {
                    Contents::BeginsLike(lineage, confirmed.unwrap_or_default())
                }
                None if has_ids
                    || file.is_closed
                    || content.is_compressed()
                    || file.path == Path::new(&mark.path) =>
                {
                    Contents::Of(lineage)
                }
                _ => continue,
            };
            longest = common.offset;
            best = contents;
        }
        Ok(best)
    }

    /// Notes contents that begin like a new file and were not confirmed at all: they are read from the new file.
    fn note_begun_elsewhere(&mut self, head: &[u8]) {
        for lineage in self.cursor.beginning_like(head) {
            let mark = self.cursor.get(lineage);
            if mark.is_some_and(|mark| mark.offset() == 0) {
                self.begun_elsewhere.insert(lineage);
            }
        }
    }

    /// Whether the first line of a file brings its own id.
    fn has_own_ids(&self, head: &[u8]) -> bool {
        let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = line.trim_ascii_end();
        let located = self.settings.reader.locate(line);
        located.is_some_and(|located| own_id(line, &located).is_some())
    }

    /// Returns the current file of the file that has these contents, if there is such a file, or if it is still open.
    fn file_of(&self, lineage: Lineage) -> Option<PathBuf> {
        if let Some(file) = self.files.get(&lineage) {
            let is_present = file.missing_since.is_none() || (file.is_open() && !file.is_done);
            return is_present.then(|| file.found.current().to_owned());
        }
        let mark = self.cursor.get(lineage)?;
        exists(mark).then(|| PathBuf::from(&mark.path))
    }

    /// Stops following contents when their file no longer exists and another file has them.
    fn forget_followed(&mut self, lineage: Lineage) {
        self.remove_work(lineage);
        self.open.remove(lineage);
        if let Some(file) = self.files.remove(&lineage) {
            self.found.remove(&FileId::of(&file.found));
        }
    }

    /// Returns the time of the first line that is not read yet, or that at which its file was written.
    fn next_time(&mut self, lineage: Lineage) -> i64 {
        let Some(file) = self.files.get_mut(&lineage) else {
            return 0;
        };
        let line = file.peek().unwrap_or_default();
        let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let time = match Wrapping::detect(line).and_then(|wrapping| wrapping.part(line)) {
            Some(part) => parse_time(part.time),
            None => {
                let located = self.settings.reader.locate(line.trim_ascii_end());
                located.and_then(|located| parse_time(line.get(located.time?)?))
            }
        };
        time.map_or(nanos(file.found.modified), |time| time.nanos)
    }

    /// Follows contents that were read before, from where they are confirmed.
    fn follow(&mut self, lineage: Lineage, file: &FoundFile, content: Option<Content>) -> Role {
        let stored = StoredFile::of(file);
        let path = file.path.display().to_string();
        let is_compressed = match &content {
            Some(content) => content.is_compressed(),
            None => file.compression.is_some(),
        };
        let is_known = self
            .cursor
            .get(lineage)
            .is_some_and(|mark| mark.file == Some(stored) && mark.path == path);
        self.gone.remove(&lineage);
        if !is_known {
            self.cursor.change(lineage, |mark| {
                let is_same = mark.file == Some(stored);
                mark.file = Some(stored);
                mark.path = path;
                mark.gone_since = None;
                if !is_same {
                    mark.is_complete = false;
                    if !is_compressed {
                        mark.length = stored.bytes;
                    }
                }
            });
        }
        let Some(mark) = self.cursor.get(lineage) else {
            return Role::Ignored;
        };
        let mut file = file.clone();
        if let Some(content) = &content {
            file.compression = content.compression();
        }
        let mut followed = FollowedFile::new(lineage, file, mark);
        followed.builder.locator = LineLocator::new(Arc::clone(&self.settings.reader));
        let has_rest = !mark.is_complete && (is_compressed || mark.offset() < stored.bytes);
        if let Some(content) = content {
            followed.set_content(content);
            let surplus = self.open.touch(lineage);
            self.files.insert(lineage, followed);
            self.close(surplus);
        } else {
            self.files.insert(lineage, followed);
        }
        if has_rest {
            let next_time = self.next_time(lineage);
            self.add_work(lineage, next_time);
        }
        Role::Followed(lineage)
    }

    fn follow_new(&mut self, mark: Mark, file: &FoundFile, head: &[u8], content: Content) -> Role {
        let lineage = Lineage::random();
        let slot = self.next_slot();
        self.cursor.insert(
            lineage,
            Mark {
                head: Checkpoint::default().and(head),
                slot,
                ..mark
            },
        );
        self.follow(lineage, file, Some(content))
    }
}

/// Returns the mark of a file that has the same beginning as another one.
fn begun_like(mark: &Mark, common: Checkpoint) -> Mark {
    let mut begun = Mark::default();
    begun.checkpoints.push(common);
    // The times of lines need not continue those of the other file.
    begun.lines = mark.lines;
    begun
}
