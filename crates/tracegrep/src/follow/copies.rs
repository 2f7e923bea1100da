//! Recognizes copies of files, as logrotate makes them with `copytruncate` before it truncates the original.
//!
//! A copy is found while it is written or after that, and before or after the original is truncated. While all of a file is the beginning of
//! another one, nothing of it is read. A line with a trace id is not in two files by chance, so nothing is lost.

use super::{contents::Contents, followed_file::FollowedFile};
use crate::search::{Taken, Wanted};
use std::{io, mem, path::Path, sync::Arc};

/// At most so many bytes at the end of a copy are compared at once.
const COMPARED_BYTES: usize = 64 << 10;

/// What a file and another one have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// All of the file is the beginning of the other one.
    Beginning,
    /// It is a copy of what the other one had before it was truncated. Reading continues after that.
    Copy,
    Different,
}

impl FollowedFile {
    /// Compares this file with another one. Sets the place where reading continues if that was truncated.
    pub(super) fn compare<W: Wanted>(
        &mut self,
        original: &mut Self,
        wanted: &W,
        sink: &mut dyn FnMut(&Arc<Path>, Taken),
    ) -> io::Result<Likeness> {
        if self.continue_after(original)? {
            return Ok(Likeness::Copy);
        }
        original.notice_truncation(wanted, sink)?;
        // The original may be truncated while it is compared.
        for _ in 0..2 {
            if self.continue_after(original)? {
                return Ok(Likeness::Copy);
            }
            if self.is_beginning_of(original)? {
                return Ok(Likeness::Beginning);
            }
            if !original.notice_truncation(wanted, sink)? {
                break;
            }
        }
        Ok(Likeness::Different)
    }

    /// Whether the other file may have the same beginning, as far as that is known without reading it.
    pub(super) fn may_be_like(&self, other: &mut Self) -> bool {
        let head = &self.now.head;
        let before = other.before();
        before.is_some_and(|before| before.may_begin_with(head)) || other.now.may_begin_with(head)
    }

    /// If this is a copy of what the other file had before it was truncated, continues where reading that one ended.
    fn continue_after(&mut self, original: &mut Self) -> io::Result<bool> {
        let Some(before) = original.before() else {
            return Ok(false);
        };
        if before.offset == 0 || !before.may_begin_with(&self.now.head) {
            return Ok(false);
        }
        if self.length()? < before.offset {
            // The last lines were written after the copy, and were read from the original.
            self.go_to_end()?;
            return Ok(true);
        }
        let mut tail = vec![0; before.tail.len()];
        let read = self
            .open()?
            .read_at(before.offset - tail.len() as u64, &mut tail)?;
        let is_copy = tail.get(..read) == Some(&before.tail);
        if is_copy {
            // Another copy is then like this one.
            self.now = mem::replace(before, Contents::from(0, &[]));
        }
        Ok(is_copy)
    }

    /// Whether all of this file is the beginning of the other one. What was compared before is not compared again.
    fn is_beginning_of(&mut self, original: &mut Self) -> io::Result<bool> {
        if !original.now.may_begin_with(&self.now.head) {
            return Ok(false);
        }
        let length = self.length()?;
        let last = length.saturating_sub(COMPARED_BYTES as u64);
        let from = self.compared.unwrap_or(0).min(length).max(last);
        let bytes = usize::try_from(length - from).unwrap_or(COMPARED_BYTES);
        let (mut own, mut other) = (vec![0; bytes], vec![0; bytes]);
        let read = self.open()?.read_at(from, &mut own)?;
        let read_of_other = original.open()?.read_at(from, &mut other)?;
        let is_beginning = read == bytes && read_of_other == bytes && own == other;
        if is_beginning {
            self.compared = Some(length);
        }
        Ok(is_beginning)
    }
}
