//! What a write to a [`RollingFile`] does.

use super::{
    file::RollingFile,
    identity::{Identity, is_removed},
    opening,
    policy::Fsync,
    syncing::Syncing,
};
use std::{
    fs,
    io::{self, Read as _, Seek as _, SeekFrom, Write},
    sync::atomic::Ordering::SeqCst,
    time::{Duration, Instant, SystemTime},
};

/// After a failed rotation the next one is tried when so long has passed.
const POSTPONED: Duration = Duration::from_secs(60);

/// What is told where forcing fails.
pub(super) const UNFORCED: &str =
    "the log file could not be forced to the disk, and may be lost with the machine";

impl RollingFile {
    /// Looks whether the last line was cut off: then its end is owed.
    pub(super) fn look_for_torn_line(&mut self) -> io::Result<()> {
        self.owed.clear();
        if self.bytes == 0 {
            return Ok(());
        }
        let mut last = [0];
        // The file that is open, whatever its name leads to by now. What is appended goes to its end all the same.
        let mut file = &self.file;
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            self.owed.push(b'\n');
        }
        Ok(())
    }

    /// Writes what has to come before anything else.
    fn pay(&mut self) -> io::Result<()> {
        while !self.owed.is_empty() {
            match self.file.write(&self.owed)? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                written => {
                    self.owed.drain(..written);
                    self.bytes += written as u64;
                }
            }
        }
        Ok(())
    }

    /// Writes as much as the file takes.
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pay()?;
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        let part = &bytes[..written];
        match part.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => {
                self.unfinished.clear();
                self.unfinished.extend_from_slice(&part[end + 1..]);
            }
            None => self.unfinished.extend_from_slice(part),
        }
        if written > 0 {
            self.note_unsynced();
        }
        Ok(written)
    }

    /// Begins the path anew within a line: what of it went to a file that is gone comes first.
    fn begin_within_line(&mut self) -> io::Result<()> {
        self.begin()?;
        self.owed.extend_from_slice(&self.unfinished);
        Ok(())
    }

    /// Makes sure that the next line goes to the right file; how much of what is to come may be written at once.
    fn prepare(&mut self, lines: &[u8]) -> io::Result<usize> {
        if self.is_device() {
            return Ok(lines.len());
        }
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
        // A file is closed with a whole line at its end.
        self.pay()?;
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
            self.force();
        }
        fs::rename(&self.names.current, closed)
    }

    /// Opens the path, where there may be another file or none.
    fn begin(&mut self) -> io::Result<()> {
        if self.is_unsynced && self.fsync != Fsync::Never {
            self.force();
        }
        let (file, metadata) = opening::next(&self.names.current, &self.file)?;
        self.file = file;
        self.identity = Identity::of(&metadata);
        self.bytes = metadata.len();
        self.period = self.rotation.period(SystemTime::now());
        // Whoever made it may have left a line without its end.
        self.look_for_torn_line()
    }

    /// A device or a named pipe has no other name to be closed under.
    fn is_device(&self) -> bool {
        self.lock.is_none()
    }

    /// Forces to the disk what was written. An error stops no line: a second attempt would succeed and mean nothing, as the system tells
    /// of lost pages once.
    fn force(&mut self) {
        if let Err(error) = self.file.sync_data() {
            self.trouble.note(UNFORCED, &error);
        }
        self.is_unsynced = false;
        if let Some(syncing) = &self.syncing {
            syncing.forget();
        }
    }

    /// What an earlier process left to be done is done as soon as the settings are there.
    fn clean_up_at_first(&mut self) {
        if self.housekeeping.is_none() {
            self.housekeep();
        }
    }

    fn housekeep(&mut self) {
        let housekeeping = self.housekeeping.get_or_insert_default();
        housekeeping.begin(&self.names, &self.keep, &self.trouble);
    }

    fn note_unsynced(&mut self) {
        self.is_unsynced = true;
        if let Fsync::Interval(interval) = self.fsync
            && let Err(error) = self.note_for_thread(interval)
        {
            self.trouble.note(UNFORCED, &error);
        }
    }

    fn note_for_thread(&mut self, interval: Duration) -> io::Result<()> {
        let syncing = match &self.syncing {
            Some(syncing) => syncing,
            None => {
                let started = Syncing::start(interval, self.trouble.clone())?;
                self.syncing.insert(started)
            }
        };
        syncing.note(&self.file)
    }
}

impl Write for RollingFile {
    /// Writes whole lines, as many as fit, or goes on with a line that was written in part.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.unfinished.is_empty() && !bytes.is_empty() {
            let most = self.prepare(bytes)?;
            return self.append(&bytes[..most]);
        }
        let line = &bytes[..first_line(bytes)];
        match self.append(line) {
            // The disk is full, and somebody has made room by removing this very file.
            Err(_) if !self.is_device() && is_removed(&self.file) => {
                self.begin_within_line()?;
                self.append(line)
            }
            result => result,
        }
    }

    /// Forces to the disk what was written, with [`Fsync::EachBlock`].
    ///
    /// # Errors
    ///
    /// The latest that has stopped no line, once.
    fn flush(&mut self) -> io::Result<()> {
        if self.fsync == Fsync::EachBlock && self.is_unsynced {
            self.force();
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
            self.force();
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
