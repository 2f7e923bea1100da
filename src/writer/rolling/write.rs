//! Writing to a [`RollingFile`]: its `Write` impl, rotation and syncing.

use super::{
    fsync_thread::{FsyncThread, SYNC_FAILED},
    open,
    policy::Fsync,
    rolling_file::RollingFile,
};
use log_files::{FileKey, is_removed};
use std::{
    fs,
    io::{self, Read as _, Seek as _, SeekFrom, Write},
    time::{Duration, Instant, SystemTime},
};

/// Time between a failed rotation and the next attempt.
const ROTATION_RETRY: Duration = Duration::from_secs(60);

impl RollingFile {
    /// Checks whether the last line was cut off. If so, a newline has to be written before anything else.
    pub(super) fn check_last_line(&mut self) -> io::Result<()> {
        self.pending.clear();
        if self.bytes == 0 {
            return Ok(());
        }
        let mut last = [0];
        // Reads the open file, as its path may lead to another file by now. Moving the position does not affect appending.
        let mut file = &self.file;
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            self.pending.push(b'\n');
        }
        Ok(())
    }

    /// Writes the bytes that have to come before anything else.
    fn write_pending(&mut self) -> io::Result<()> {
        while !self.pending.is_empty() {
            match self.file.write(&self.pending)? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                written => {
                    self.pending.drain(..written);
                    self.bytes += written as u64;
                }
            }
        }
        Ok(())
    }

    /// Appends as many bytes as the file takes.
    fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_pending()?;
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
            self.mark_unsynced();
        }
        Ok(written)
    }

    /// Reopens the path within a line. The part of the line that went to the removed file is written again.
    fn reopen_within_line(&mut self) -> io::Result<()> {
        self.reopen()?;
        self.pending.extend_from_slice(&self.unfinished);
        Ok(())
    }

    /// Makes sure that the next line goes to the right file. Returns how many of the bytes may be written at once.
    fn prepare(&mut self, lines: &[u8]) -> io::Result<usize> {
        if self.is_device() {
            return Ok(lines.len());
        }
        self.start_housekeeping_once();
        let reopen = self.reopener.take_request();
        match fs::metadata(&self.names.current) {
            Ok(metadata) if !reopen && FileKey::of(&metadata) == self.identity => {
                // The file may have been truncated in place.
                self.bytes = metadata.len();
            }
            Ok(_) => self.reopen()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.reopen()?,
            Err(error) => return Err(error),
        }
        // A closed file must end with a complete line.
        self.write_pending()?;
        let now = SystemTime::now();
        let has_period_ended = self.rotation.period(now) != self.period;
        if self.bytes > 0
            && (has_period_ended || whole_lines_within(lines, self.bytes_left()).is_none())
        {
            self.rotate(now)?;
        } else if has_period_ended {
            self.period = self.rotation.period(now);
        }
        Ok(match whole_lines_within(lines, self.bytes_left()) {
            Some(bytes) => bytes,
            // The line is longer than a whole file may be, or the file could not be closed.
            None => first_line_length(lines),
        })
    }

    /// Returns how many bytes are left until the maximum size.
    fn bytes_left(&self) -> u64 {
        self.max_bytes
            .map_or(u64::MAX, |max| max.saturating_sub(self.bytes))
    }

    /// Closes the file and opens a new one. If the file cannot be closed, the next attempt is made later.
    fn rotate(&mut self, now: SystemTime) -> io::Result<()> {
        if self
            .retry_rotation_at
            .is_some_and(|until| Instant::now() < until)
        {
            return Ok(());
        }
        self.retry_rotation_at = None;
        if let Err(error) = self.close(now) {
            self.deferred_error.set(
                "the log file could not be rotated, and writing continues in it",
                &error,
            );
            self.retry_rotation_at = Instant::now().checked_add(ROTATION_RETRY);
            return Ok(());
        }
        self.reopen()?;
        self.start_housekeeping();
        Ok(())
    }

    fn close(&mut self, now: SystemTime) -> io::Result<()> {
        let closed = self.names.closed(now)?;
        if self.fsync != Fsync::Never {
            self.sync();
        }
        fs::rename(&self.names.current, closed)
    }

    /// Opens the path, at which there may be another file or none.
    fn reopen(&mut self) -> io::Result<()> {
        if self.is_unsynced && self.fsync != Fsync::Never {
            self.sync();
        }
        let (file, metadata) = open::next(&self.names.current, &self.file)?;
        self.file = file;
        self.identity = FileKey::of(&metadata);
        self.bytes = metadata.len();
        self.period = self.rotation.period(SystemTime::now());
        // Another program may have left an incomplete line in it.
        self.check_last_line()
    }

    /// Returns whether the path is a device or a named pipe, which cannot be rotated.
    fn is_device(&self) -> bool {
        self.lock.is_none()
    }

    /// Syncs the file to the disk. An error does not stop lines from being written, and there is no second attempt: it would succeed
    /// without any meaning, because the operating system reports lost pages only once.
    fn sync(&mut self) {
        if let Err(error) = self.file.sync_data() {
            self.deferred_error.set(SYNC_FAILED, &error);
        }
        self.is_unsynced = false;
        if let Some(thread) = &self.fsync_thread {
            thread.mark_synced();
        }
    }

    /// Starts housekeeping at the first write, for work that an earlier process has left. It cannot start before, as the settings are not
    /// complete.
    fn start_housekeeping_once(&mut self) {
        if self.housekeeping.is_none() {
            self.start_housekeeping();
        }
    }

    fn start_housekeeping(&mut self) {
        let housekeeping = self.housekeeping.get_or_insert_default();
        housekeeping.begin(&self.names, &self.retention, &self.deferred_error);
    }

    fn mark_unsynced(&mut self) {
        self.is_unsynced = true;
        if let Fsync::Interval(interval) = self.fsync
            && let Err(error) = self.mark_unsynced_for_thread(interval)
        {
            self.deferred_error.set(SYNC_FAILED, &error);
        }
    }

    fn mark_unsynced_for_thread(&mut self, interval: Duration) -> io::Result<()> {
        let thread = match &self.fsync_thread {
            Some(thread) => thread,
            None => {
                let started = FsyncThread::start(interval, self.deferred_error.clone())?;
                self.fsync_thread.insert(started)
            }
        };
        thread.mark_unsynced(&self.file)
    }
}

impl Write for RollingFile {
    /// Writes as many whole lines as fit, or continues a line that was written in part.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.unfinished.is_empty() && !bytes.is_empty() {
            let length = self.prepare(bytes)?;
            return self.append(&bytes[..length]);
        }
        let line = &bytes[..first_line_length(bytes)];
        match self.append(line) {
            // The disk was full, and this very file was removed to make room.
            Err(_) if !self.is_device() && is_removed(&self.file) => {
                self.reopen_within_line()?;
                self.append(line)
            }
            result => result,
        }
    }

    /// Syncs the file to the disk if [`Fsync::EachBlock`] is set.
    ///
    /// # Errors
    ///
    /// Returns the latest error that did not stop a line from being written, and returns it once.
    fn flush(&mut self) -> io::Result<()> {
        if self.fsync == Fsync::EachBlock && self.is_unsynced {
            self.sync();
        }
        match self.deferred_error.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Drop for RollingFile {
    fn drop(&mut self) {
        if self.fsync != Fsync::Never && self.is_unsynced {
            self.sync();
        }
    }
}

/// Returns the length of as many whole lines as fit into `max` bytes, or `None` if not even one does.
fn whole_lines_within(lines: &[u8], max: u64) -> Option<usize> {
    if lines.len() as u64 <= max {
        return Some(lines.len());
    }
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let last = lines[..max].iter().rposition(|byte| *byte == b'\n')?;
    Some(last + 1)
}

/// Returns the length of the first line, or of all bytes if it has no end.
fn first_line_length(lines: &[u8]) -> usize {
    let end = lines.iter().position(|byte| *byte == b'\n');
    end.map_or(lines.len(), |end| end + 1)
}
