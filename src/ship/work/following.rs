//! A file that is read, batch by batch.

use crate::schema::LineReader;
use crate::ship::{
    batch::Batch,
    files::{FileId, Open},
    shipper::Settings,
    time::{Distinct, LOOK_BACK},
};
use std::{io, path::PathBuf, sync::Arc, time::Instant};

/// A file that is read.
pub(super) struct Following {
    /// As the cursor knows it: that of its original, where it is a copy.
    pub(super) id: FileId,
    pub(super) open: Open,
    pub(super) path: PathBuf,
    /// All before it was handed out, and this stands just before it.
    pub(super) read: u64,
    pub(super) tail: Option<u32>,
    pub(super) generation: u64,
    pub(super) reader: Arc<LineReader>,
    pub(super) distinct: Distinct,
    /// Since when there is something to read.
    pub(super) since: Option<Instant>,
    pub(super) last_grown: Instant,
    /// Since when it has no name.
    pub(super) removed: Option<Instant>,
    pub(super) is_finished: bool,
}

impl Following {
    /// Whether it is what was read, and not emptied in place since.
    pub(super) fn is_still(&mut self) -> io::Result<bool> {
        if !self.open.is_still()? {
            return Ok(false);
        }
        let is_same = self.open.is_packed()
            || self.tail.is_none()
            || self.tail == self.open.tail_at(self.read)?;
        Ok(is_same)
    }

    /// Learns the times of the lines before.
    pub(super) fn look_back(&mut self) -> io::Result<()> {
        let mut at = self.read.saturating_sub(LOOK_BACK);
        let mut is_within_line = at > 0;
        while at < self.read {
            let bytes = usize::try_from(self.read - at)
                .unwrap_or(usize::MAX)
                .min(1 << 20);
            let chunk = self.open.read(at, bytes, true, Vec::new())?;
            if chunk.text.is_empty() {
                break;
            }
            let mut text = chunk.text;
            text.truncate(usize::try_from(self.read - at).unwrap_or(usize::MAX));
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
                &mut self.distinct,
            );
            at = end;
        }
        Ok(())
    }

    /// The next lines, if they are many or old enough.
    pub(super) fn next_batch(
        &mut self,
        settings: &Settings,
        is_stopping: bool,
        spare: &mut Vec<Batch>,
    ) -> io::Result<Option<Batch>> {
        let Some(since) = self.since else {
            return Ok(None);
        };
        if !self.is_still()? {
            // The next look sees what it is now.
            self.since = None;
            return Ok(None);
        }
        let length = self.open.length();
        let is_much = length
            .is_none_or(|length| length.saturating_sub(self.read) >= settings.batch_bytes as u64);
        if !is_much && !is_stopping && since.elapsed() < settings.max_age {
            return Ok(None);
        }
        let to_end = settings.to_end || self.open.is_packed() || self.open.is_removed();
        let (text, lines) = spare.pop().map(Batch::into_parts).unwrap_or_default();
        let chunk = self
            .open
            .read(self.read, settings.batch_bytes, to_end, text)?;
        let bytes = chunk.text.len();
        self.distinct.stamps.begin(self.open.modified(), self.read);
        let mut batch = Batch::within(
            self.id,
            self.read,
            chunk.text,
            lines,
            settings.batch_lines,
            &self.reader,
            &mut self.distinct,
        );
        // Of many lines some are left for the next.
        if chunk.is_last && batch.bytes() == bytes {
            self.since = None;
            self.is_finished = self.open.is_packed() || self.open.is_removed();
        }
        if bytes == 0 {
            return Ok(None);
        }
        batch.generation = self.generation;
        self.read = batch.end();
        // Of what is compressed it is read anew from the beginning, and nobody rewrites that in place.
        self.tail = match self.open.is_packed() {
            true => None,
            false => self.open.tail_at(self.read)?,
        };
        Ok(Some(batch))
    }
}
