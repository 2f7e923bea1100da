//! Finds out which contents a new file has: those of a file that was read before under another name or inode, or new ones.

use super::{
    compare::{head, is_intact, reaches},
    file_id::FileId,
    followed_file::FollowedFile,
    follower::{Follower, Known, Role},
    recognize::Contents,
};
use crate::{
    cursor::{Checkpoint, Mark, StoredFile, nanos},
    lineage::Lineage,
};
use log_files::{Content, LineLocator, discover::FoundFile, is_binary};
use std::{io, sync::Arc, time::SystemTime};

impl Follower {
    /// Takes a file that this process does not know yet.
    pub(super) fn take_new(&mut self, id: FileId, file: FoundFile) {
        let known = Known {
            role: Role::Ignored,
            version: (file.bytes, file.modified),
            looked_at: SystemTime::now(),
            look: self.look,
        };
        self.found.insert(id.clone(), known);
        self.left_out.remove(&file.path);
        if file.bytes == 0 {
            if let Some((lineage, _)) = self.cursor.of_file(&StoredFile::of(&file)) {
                // It was emptied in place.
                self.note_other_contents(lineage);
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
                    self.note_left_out(&file, &format!("is left out: {error}"));
                    self.unidentified -= 1;
                } else if error.kind() != io::ErrorKind::NotFound {
                    self.note_unread(file.path, &error);
                }
            }
        }
    }

    /// Reports that a file is not read.
    fn note_left_out(&mut self, file: &FoundFile, why: &str) {
        let path = file.path.display();
        self.reporter.report_problem(format!("{path} {why}"));
        if self.finder.is_named(file) {
            self.left_out.insert(file.path.clone());
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
        if let Some((lineage, mark)) = self.cursor.of_file(&stored)
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
        if head.is_empty() && !content.is_compressed() {
            if content.file().metadata()?.len() == 0 {
                // It was emptied since it was found.
                return Err(io::ErrorKind::NotFound.into());
            }
            // Its writer has only reserved space yet.
            if let Some((lineage, _)) = self.cursor.of_file(&stored) {
                self.stop_following(lineage);
                self.note_other_contents(lineage);
            }
            return Ok(Role::Ignored);
        }
        if is_binary(&head) {
            self.note_left_out(file, "is left out, because it is not a text");
            return Ok(Role::Ignored);
        }
        if let Some((lineage, mark)) = self.cursor.of_file(&stored)
            && !self.files.contains_key(&lineage)
        {
            if reaches(&mut content, mark.length)? && is_intact(&mut content, &head, mark)? {
                return Ok(self.follow(lineage, file, Some(content)));
            }
            // The inode has been given to another file, or the file was emptied and written again.
            self.note_other_contents(lineage);
        }
        let (contents, alike) = self.contents_of(file, &mut content, &head)?;
        let role = match contents {
            Contents::Of(lineage) => {
                self.stop_following(lineage);
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
            Contents::New => self.follow_new(Mark::default(), file, &head, content),
        };
        if let Role::Followed(lineage) | Role::CopyOf(lineage) = role {
            self.note_alike(lineage, alike);
        }
        Ok(role)
    }

    /// Returns the time of the first line that is not read yet, or that at which its file was written.
    fn next_time(&mut self, lineage: Lineage) -> i64 {
        let Some(file) = self.files.get_mut(&lineage) else {
            return 0;
        };
        let line = file.peek().unwrap_or_default();
        let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let modified = nanos(file.found.modified);
        self.time_of(line).unwrap_or(modified)
    }

    /// Follows contents that were read before, from where they are confirmed.
    fn follow(&mut self, lineage: Lineage, file: &FoundFile, content: Option<Content>) -> Role {
        let stored = StoredFile::of(file);
        let path = file.path.display().to_string();
        let is_compressed = match &content {
            Some(content) => content.is_compressed(),
            None => file.compression.is_some(),
        };
        let is_known = self.cursor.get(lineage).is_some_and(|mark| {
            mark.file == Some(stored) && mark.path == path && mark.gone_since.is_none()
        });
        self.gone.remove(&lineage);
        if !is_known {
            self.cursor.change(lineage, |mark| {
                let is_same = mark.file == Some(stored);
                mark.file = Some(stored);
                mark.path = path;
                mark.gone_since = None;
                if !is_same {
                    mark.is_complete = false;
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
        let (is_complete, offset) = (mark.is_complete, mark.offset());
        if let Some(content) = content {
            followed.set_content(content);
            let surplus = self.open.touch(lineage);
            self.files.insert(lineage, followed);
            self.close(surplus);
            // If the file was replaced meanwhile, the next look or read notices it.
            let _ = self.measure(lineage);
        } else {
            self.files.insert(lineage, followed);
        }
        let has_more = |file: &FollowedFile| is_compressed || offset < file.found_bytes();
        if !is_complete && self.files.get(&lineage).is_some_and(has_more) {
            let next_time = self.next_time(lineage);
            self.add_work(lineage, next_time);
        }
        Role::Followed(lineage)
    }

    fn follow_new(
        &mut self,
        mut mark: Mark,
        file: &FoundFile,
        head: &[u8],
        content: Content,
    ) -> Role {
        let lineage = Lineage::random();
        mark.slot = self.next_slot();
        mark.set_head(head);
        if !content.is_compressed() {
            mark.length = head.len() as u64;
        }
        self.cursor.insert(lineage, mark);
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
