//! What a write to a [`RollingFile`] does.

use super::{
    file::{RollingFile, open},
    identity::Identity,
    policy::Fsync,
    syncing::Syncing,
};
use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write},
    sync::atomic::Ordering::SeqCst,
    time::{Duration, Instant, SystemTime},
};

/// After a failed rotation the next one is tried when so long has passed.
const POSTPONED: Duration = Duration::from_secs(60);

impl RollingFile {
    /// Ends a last line that a crash has cut off.
    pub(super) fn end_torn_line(&mut self) -> io::Result<()> {
        if self.bytes == 0 {
            return Ok(());
        }
        let mut last = [0];
        let mut file = File::open(&self.names.current)?;
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            self.file.write_all(b"\n")?;
            self.bytes += 1;
        }
        Ok(())
    }

    /// Makes sure that the next line goes to the right file; how much of what is to come may be written at once.
    fn prepare(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.clean_up_at_first();
        let reopen = self.reopen.swap(false, SeqCst);
        match fs::metadata(&self.names.current) {
            Ok(metadata) if !reopen && Identity::of(&metadata) == self.identity => {
                // It may have been emptied in place.
                self.bytes = metadata.len();
            }
            Ok(_) => self.begin()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.begin()?,
            Err(error) => return Err(error),
        }
        let now = SystemTime::now();
        let is_over = self.rotation.period(now) != self.period;
        if self.bytes > 0 && (is_over || fitting(lines, self.left()).is_none()) {
            self.rotate(now)?;
        } else if is_over {
            self.period = self.rotation.period(now);
        }
        Ok(match fitting(lines, self.left()) {
            Some(bytes) => bytes,
            // Longer than a whole file, or the file could not be closed.
            None => first_line(lines),
        })
    }

    /// How many bytes more the file can take.
    fn left(&self) -> u64 {
        self.max_bytes
            .map_or(u64::MAX, |max| max.saturating_sub(self.bytes))
    }

    /// Closes the file and begins another; where it cannot be closed, that waits.
    fn rotate(&mut self, now: SystemTime) -> io::Result<()> {
        if self.postponed.is_some_and(|until| Instant::now() < until) {
            return Ok(());
        }
        self.postponed = None;
        if let Err(error) = self.close(now) {
            self.trouble.note(
                "the log file could not be closed and is written further",
                &error,
            );
            self.postponed = Instant::now().checked_add(POSTPONED);
            return Ok(());
        }
        self.begin()?;
        self.housekeep();
        Ok(())
    }

    fn close(&mut self, now: SystemTime) -> io::Result<()> {
        let closed = self.names.closed(now)?;
        if self.fsync != Fsync::Never {
            self.sync()?;
        }
        fs::rename(&self.names.current, closed)
    }

    /// Opens the path, where there may be another file or none.
    fn begin(&mut self) -> io::Result<()> {
        if self.is_unsynced && self.fsync != Fsync::Never {
            self.sync()?;
        }
        let (file, metadata) = open(&self.names.current)?;
        self.file = file;
        self.identity = Identity::of(&metadata);
        self.bytes = metadata.len();
        self.period = self.rotation.period(SystemTime::now());
        // Whoever made it may have left a line without its end.
        self.end_torn_line()
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.is_unsynced = false;
        if let Some(syncing) = &self.syncing {
            syncing.forget();
        }
        Ok(())
    }

    /// What an earlier process left to be done is done as soon as the settings are there.
    fn clean_up_at_first(&mut self) {
        if self.housekeeping.is_none() {
            self.housekeep();
        }
    }

    fn housekeep(&mut self) {
        let housekeeping = self.housekeeping.get_or_insert_default();
        housekeeping.begin(&self.names, self.keep, &self.trouble);
    }

    fn note_unsynced(&mut self) -> io::Result<()> {
        self.is_unsynced = true;
        if let Fsync::Interval(interval) = self.fsync {
            if self.syncing.is_none() {
                self.syncing = Some(Syncing::start(interval, self.trouble.clone())?);
            }
            if let Some(syncing) = &self.syncing {
                syncing.note(&self.file)?;
            }
        }
        Ok(())
    }
}

impl Write for RollingFile {
    /// Writes whole lines, as many as fit, or goes on with a line that was written in part.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let most = if self.is_at_line && !bytes.is_empty() {
            self.prepare(bytes)?
        } else {
            first_line(bytes)
        };
        let written = self.file.write(&bytes[..most])?;
        if written > 0 {
            self.bytes += written as u64;
            self.is_at_line = bytes[written - 1] == b'\n';
            if let Err(error) = self.note_unsynced() {
                self.trouble
                    .note("the log file could not be forced to the disk", &error);
            }
        }
        Ok(written)
    }

    /// Forces to the disk what was written, with [`Fsync::EachBlock`].
    ///
    /// # Errors
    ///
    /// Its own; and once each that has stopped no line.
    fn flush(&mut self) -> io::Result<()> {
        if self.fsync == Fsync::EachBlock && self.is_unsynced {
            self.sync()?;
        }
        match self.trouble.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Drop for RollingFile {
    fn drop(&mut self) {
        if self.fsync != Fsync::Never && self.is_unsynced {
            // Nobody is left to be told.
            let _ = self.sync();
        }
    }
}

/// The length of as many whole lines as fit, if any do.
fn fitting(lines: &[u8], most: u64) -> Option<usize> {
    if lines.len() as u64 <= most {
        return Some(lines.len());
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let last = lines[..most].iter().rposition(|byte| *byte == b'\n')?;
    Some(last + 1)
}

/// The length of the first line, or of what there is of it.
fn first_line(lines: &[u8]) -> usize {
    let end = lines.iter().position(|byte| *byte == b'\n');
    end.map_or(lines.len(), |end| end + 1)
}
