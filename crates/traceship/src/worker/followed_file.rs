//! A file that is being read, batch by batch.

use crate::{
    batch::Batch,
    files::{FileId, OpenFile},
    settings::Settings,
    time::{LOOK_BACK_BYTES, LineTimes},
};
use log_files::LineReader;
use std::{io, path::PathBuf, sync::Arc, time::Instant};

/// A file that is being read.
pub(super) struct FollowedFile {
    /// The identity in the cursor. It is that of the original, if this file is its continuation.
    pub(super) id: FileId,
    pub(super) open_file: OpenFile,
    pub(super) path: PathBuf,
    /// Everything before this offset was read and dispatched.
    pub(super) position: u64,
    /// The checksum of the bytes before the position. See [`OpenFile::tail_at`].
    pub(super) tail: Option<u32>,
    pub(super) generation: u64,
    pub(super) reader: Arc<LineReader>,
    pub(super) times: LineTimes,
    /// Since when there is something to read.
    pub(super) waiting_since: Option<Instant>,
    pub(super) last_grown: Instant,
    /// When it was first seen that the file had been removed.
    pub(super) removed_at: Option<Instant>,
    pub(super) is_finished: bool,
}

impl FollowedFile {
    /// Whether the part that was read is unchanged. If not, the file was emptied in place.
    pub(super) fn is_intact(&mut self) -> io::Result<bool> {
        if !self.open_file.has_same_head()? {
            return Ok(false);
        }
        let is_same = self.open_file.is_compressed()
            || self.tail.is_none()
            || self.tail == self.open_file.tail_at(self.position)?;
        Ok(is_same)
    }

    /// Reads the lines before the position again, so that the times of equal lines are the same as before a restart.
    pub(super) fn look_back(&mut self) -> io::Result<()> {
        let mut at = self.position.saturating_sub(LOOK_BACK_BYTES);
        let mut is_within_line = at > 0;
        while at < self.position {
            let bytes = usize::try_from(self.position - at)
                .unwrap_or(usize::MAX)
                .min(1 << 20);
            let chunk = self.open_file.read(at, bytes, true, Vec::new())?;
            if chunk.text.is_empty() {
                break;
            }
            let mut text = chunk.text;
            text.truncate(usize::try_from(self.position - at).unwrap_or(usize::MAX));
            let begin = match is_within_line {
                true => text
                    .iter()
                    .position(|byte| *byte == b'\n')
                    .map_or(text.len(), |end| end + 1),
                false => 0,
            };
            is_within_line = false;
            let end = at + text.len() as u64;
            let start = at + begin as u64;
            Batch::new(
                self.id,
                start,
                text.split_off(begin),
                &self.reader,
                &mut self.times,
            );
            at = end;
        }
        Ok(())
    }

    /// Reads the next batch, if there are enough lines for one or they have waited long enough. Reuses the memory of the batches in
    /// `spare`.
    pub(super) fn next_batch(
        &mut self,
        settings: &Settings,
        is_stopping: bool,
        spare: &mut Vec<Batch>,
    ) -> io::Result<Option<Batch>> {
        let Some(since) = self.waiting_since else {
            return Ok(None);
        };
        if !self.is_intact()? {
            // The next scan finds out which file this is now.
            self.waiting_since = None;
            return Ok(None);
        }
        let length = self.open_file.length();
        let has_full_batch = length.is_none_or(|length| {
            length.saturating_sub(self.position) >= settings.batch_bytes as u64
        });
        if !has_full_batch && !is_stopping && since.elapsed() < settings.max_age {
            return Ok(None);
        }
        let to_end =
            settings.is_backfill || self.open_file.is_compressed() || self.open_file.is_removed();
        let (text, lines) = spare.pop().map(Batch::into_parts).unwrap_or_default();
        let chunk = self
            .open_file
            .read(self.position, settings.batch_bytes, to_end, text)?;
        let bytes = chunk.text.len();
        self.times
            .fallback_times
            .begin(self.open_file.modified(), self.position);
        let mut batch = Batch::with_limit(
            self.id,
            self.position,
            chunk.text,
            lines,
            settings.batch_lines,
            &self.reader,
            &mut self.times,
        );
        // If there were too many lines for one batch, the rest is read by the next one.
        if chunk.is_last && batch.bytes() == bytes {
            self.waiting_since = None;
            self.is_finished = self.open_file.is_compressed() || self.open_file.is_removed();
        }
        if bytes == 0 {
            return Ok(None);
        }
        batch.generation = self.generation;
        self.position = batch.end();
        // A compressed file needs no checksum: it is not rewritten in place. Reading the bytes before the position would decompress it from
        // its beginning again.
        self.tail = match self.open_file.is_compressed() {
            true => None,
            false => self.open_file.tail_at(self.position)?,
        };
        Ok(Some(batch))
    }
}
