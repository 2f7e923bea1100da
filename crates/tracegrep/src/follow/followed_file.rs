use super::file_lines::FileLines;
use crate::search::{Collector, Pending, Taken, Wanted};
use log_files::{Content, FileKey, Stream, discover::FoundFile};
use memchr::memrchr;
use std::{
    fs::File,
    io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// The beginning of a file shows whether it has the same text as before.
const HEAD_BYTES: usize = 512;

/// A line that is longer than this, and unfinished when following begins, is not read.
const MAX_UNFINISHED_BYTES: usize = 64 << 10;

const READ_BYTES: usize = 64 << 10;

/// Lines that belong to the last line arrive within this time.
const FOLLOWING_LINES: Duration = Duration::from_millis(500);

/// A file that grows.
pub(super) struct FollowedFile {
    path: Arc<Path>,
    key: FileKey,
    /// Open while the file grows, so that it is read to its end after it was removed.
    content: Option<Content>,
    /// How much of it was read.
    offset: u64,
    head: Vec<u8>,
    lines: FileLines,
    pending: Pending,
    grown: Instant,
}

impl FollowedFile {
    /// Follows a file from its start.
    pub(super) fn new(found: &FoundFile) -> Self {
        Self {
            path: name(found),
            key: found.key,
            content: None,
            offset: 0,
            head: Vec::new(),
            lines: FileLines::Unknown(0),
            pending: Pending::default(),
            grown: Instant::now(),
        }
    }

    /// Follows a file from the start of its last line, if that is unfinished, or else from its end.
    pub(super) fn at_end(found: &FoundFile) -> io::Result<Self> {
        let mut file = Self::new(found);
        let content = file.open()?;
        let length = content.length()?.unwrap_or(0);
        let unfinished = length.min(MAX_UNFINISHED_BYTES as u64);
        let mut end = vec![0; MAX_UNFINISHED_BYTES];
        let read = content.read_at(length - unfinished, &mut end)?;
        end.truncate(read);
        let after = memrchr(b'\n', &end).map_or(0, |newline| newline + 1);
        let is_whole_file = unfinished == length;
        file.offset = match memrchr(b'\n', &end) {
            None if !is_whole_file => length,
            _ => length - unfinished + after as u64,
        };
        file.lines = FileLines::Unknown(file.offset);
        file.has_same_head()?;
        Ok(file)
    }

    pub(super) fn is_open(&self) -> bool {
        self.content.is_some()
    }

    pub(super) fn close(&mut self) {
        self.content = None;
    }

    /// Takes the name and the size that the file has now. Returns whether there is something to read.
    pub(super) fn update(&mut self, found: &FoundFile) -> bool {
        self.path = name(found);
        found.bytes != self.offset
    }

    /// Reads what was added, and calls `sink` with the lines that are wanted.
    pub(super) fn read<W: Wanted>(
        &mut self,
        wanted: &W,
        sink: &mut dyn FnMut(&Arc<Path>, Taken),
    ) -> io::Result<()> {
        let content = self.open()?;
        if content.is_compressed() {
            return Ok(());
        }
        content.measure()?;
        let length = content.length()?.unwrap_or(0);
        if !self.has_same_head()? || length < self.offset {
            self.restart(wanted, sink);
            self.has_same_head()?;
        }
        let mut buffer = vec![0; READ_BYTES];
        while self.offset < length {
            let offset = self.offset;
            let read = self.open()?.read_at(offset, &mut buffer)?;
            if read == 0 {
                break;
            }
            self.offset += read as u64;
            self.grown = Instant::now();
            let text = buffer.get(..read).unwrap_or_default();
            let path = Arc::clone(&self.path);
            let mut sink = |taken| sink(&path, taken);
            let pending = std::mem::take(&mut self.pending);
            let mut collector = Collector::resume(wanted, &mut sink, pending);
            self.lines.push(text, |line| collector.consider(line));
            self.pending = collector.suspend();
        }
        Ok(())
    }

    /// Gives the last line to `sink`, if no lines that belong to it have arrived for a while.
    pub(super) fn flush_if_quiet<W: Wanted>(
        &mut self,
        wanted: &W,
        sink: &mut dyn FnMut(&Arc<Path>, Taken),
    ) {
        if self.grown.elapsed() >= FOLLOWING_LINES {
            self.flush(wanted, sink);
        }
    }

    pub(super) fn flush<W: Wanted>(&mut self, wanted: &W, sink: &mut dyn FnMut(&Arc<Path>, Taken)) {
        let path = Arc::clone(&self.path);
        let mut sink = |taken| sink(&path, taken);
        let pending = std::mem::take(&mut self.pending);
        let mut collector = Collector::resume(wanted, &mut sink, pending);
        collector.close(Stream::Stdout);
        collector.close(Stream::Stderr);
    }

    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether another file is a copy of this one: it begins with the same text.
    pub(super) fn has_copy(&self, other: &Path) -> io::Result<bool> {
        if self.head.is_empty() {
            return Ok(false);
        }
        let mut head = vec![0; self.head.len()];
        let read = Content::open(File::open(other)?)?.read_at(0, &mut head)?;
        Ok(head.get(..read) == Some(&self.head))
    }

    fn restart<W: Wanted>(&mut self, wanted: &W, sink: &mut dyn FnMut(&Arc<Path>, Taken)) {
        self.flush(wanted, sink);
        self.offset = 0;
        self.head.clear();
        self.lines = FileLines::Unknown(0);
    }

    /// Reads the head again, and returns whether it continues what was there before. The new head is kept then.
    fn has_same_head(&mut self) -> io::Result<bool> {
        let mut head = vec![0; HEAD_BYTES];
        let read = self.open()?.read_at(0, &mut head)?;
        head.truncate(read);
        let is_same = head.starts_with(&self.head);
        if is_same {
            self.head = head;
        }
        Ok(is_same)
    }

    fn open(&mut self) -> io::Result<&mut Content> {
        match &mut self.content {
            Some(content) => Ok(content),
            empty => {
                let file = File::open(&self.path)?;
                if FileKey::of(&file.metadata()?) != self.key {
                    let text = "the file was replaced by another one";
                    return Err(io::Error::new(io::ErrorKind::NotFound, text));
                }
                Ok(empty.insert(Content::open(file)?))
            }
        }
    }
}

/// A file in the current folder is found as `./app.log`.
fn name(found: &FoundFile) -> Arc<Path> {
    found.path.strip_prefix(".").unwrap_or(&found.path).into()
}
