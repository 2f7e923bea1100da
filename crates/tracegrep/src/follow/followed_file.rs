use super::contents::Contents;
use crate::search::{Taken, Wanted};
use log_files::{Content, FileKey, discover::FoundFile, is_removed};
use memchr::memrchr;
use std::{
    fs::File,
    io, mem,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// The beginning of a file shows whether it has the same text as before.
const HEAD_BYTES: usize = 512;

/// A line that is longer than this, and unfinished when following begins, is not read.
const MAX_UNFINISHED_BYTES: usize = 64 << 10;

const READ_BYTES: usize = 64 << 10;

/// A copy is found within this time after its original was truncated.
const COPY_IS_FOUND: Duration = Duration::from_secs(60);

/// A file that grows.
pub(super) struct FollowedFile {
    path: Arc<Path>,
    key: FileKey,
    /// Open while the file grows, so that it is read to its end after it was removed.
    content: Option<Content>,
    pub(super) now: Contents,
    /// What was read before the file was truncated, and when that was noticed.
    before: Option<(Contents, Instant)>,
    /// Up to where the file is known to be the beginning of another one. `None` if it is no copy.
    pub(super) compared: Option<u64>,
    /// It was in no folder at the last look at all of them.
    is_missing: bool,
}

impl FollowedFile {
    /// Follows a file from its start, unless it is a copy of another one.
    pub(super) fn new(found: &FoundFile) -> Self {
        Self {
            path: name(found),
            key: found.key,
            content: None,
            now: Contents::from(0, &[]),
            before: None,
            compared: Some(0),
            is_missing: false,
        }
    }

    /// Follows a file from the start of its last line, if that is unfinished, or else from its end.
    pub(super) fn at_end(found: &FoundFile) -> io::Result<Self> {
        let mut file = Self::new(found);
        file.go_to_end()?;
        // It is compared with others when it grows.
        file.compared = Some(found.bytes);
        Ok(file)
    }

    pub(super) fn go_to_end(&mut self) -> io::Result<()> {
        let length = self.length()?;
        let unfinished = length.min(MAX_UNFINISHED_BYTES as u64);
        let mut end = vec![0; MAX_UNFINISHED_BYTES];
        let read = self.open()?.read_at(length - unfinished, &mut end)?;
        end.truncate(read);
        let is_whole_file = unfinished == length;
        let after = match memrchr(b'\n', &end) {
            None if is_whole_file => 0,
            None => end.len(),
            Some(newline) => newline + 1,
        };
        end.truncate(after);
        self.now = Contents::from(length - unfinished + after as u64, &end);
        self.has_same_head()?;
        Ok(())
    }

    pub(super) fn is_open(&self) -> bool {
        self.content.is_some()
    }

    /// Whether a file that is in no folder was removed, or is missing for the second time.
    pub(super) fn is_gone(&mut self) -> bool {
        let file = self.content.as_ref().map(Content::file);
        mem::replace(&mut self.is_missing, true) || file.is_some_and(is_removed)
    }

    pub(super) fn close(&mut self) {
        self.content = None;
    }

    /// Takes the name and the size that the file has now. Returns whether there is something to read.
    pub(super) fn update(&mut self, found: &FoundFile) -> bool {
        self.path = name(found);
        self.is_missing = false;
        found.bytes != self.compared.unwrap_or(self.now.offset)
    }

    /// Looks whether the file was truncated or replaced since it was read. If so, it will be read from its start.
    pub(super) fn notice_truncation<W: Wanted>(
        &mut self,
        wanted: &W,
        sink: &mut dyn FnMut(&Arc<Path>, Taken),
    ) -> io::Result<bool> {
        if self.open()?.is_compressed() {
            return Ok(false);
        }
        let length = self.length()?;
        if self.has_same_head()? && length >= self.now.offset {
            return Ok(false);
        }
        self.end_contents(wanted, sink);
        self.has_same_head()?;
        Ok(true)
    }

    /// Reads what was added, and calls `sink` with the lines that are wanted.
    pub(super) fn read<W: Wanted>(
        &mut self,
        wanted: &W,
        sink: &mut dyn FnMut(&Arc<Path>, Taken),
    ) -> io::Result<()> {
        if self.open()?.is_compressed() {
            return Ok(());
        }
        let length = self.length()?;
        let mut buffer = vec![0; READ_BYTES];
        while self.now.offset < length {
            let offset = self.now.offset;
            let read = self.open()?.read_at(offset, &mut buffer)?;
            if read == 0 {
                break;
            }
            let text = buffer.get(..read).unwrap_or_default();
            let path = Arc::clone(&self.path);
            self.now.push(text, wanted, &mut |taken| sink(&path, taken));
        }
        Ok(())
    }

    /// Gives the last line to `sink`, if no lines that belong to it have arrived for a while.
    pub(super) fn flush_if_quiet<W: Wanted>(
        &mut self,
        wanted: &W,
        sink: &mut dyn FnMut(&Arc<Path>, Taken),
    ) {
        let before = self.before.iter_mut().map(|(contents, _)| contents);
        for contents in before.chain([&mut self.now]) {
            if contents.is_quiet() {
                contents.flush(&self.path, wanted, sink);
            }
        }
    }

    pub(super) fn flush<W: Wanted>(&mut self, wanted: &W, sink: &mut dyn FnMut(&Arc<Path>, Taken)) {
        let before = self.before.iter_mut().map(|(contents, _)| contents);
        for contents in before.chain([&mut self.now]) {
            contents.flush(&self.path, wanted, sink);
        }
    }

    pub(super) fn has_pending(&self) -> bool {
        let mut before = self.before.iter();
        self.now.has_pending() || before.any(|(contents, _)| contents.has_pending())
    }

    /// What the file had before it was truncated, if that was not long ago.
    pub(super) fn before(&mut self) -> Option<&mut Contents> {
        let (contents, since) = self.before.as_mut()?;
        (since.elapsed() <= COPY_IS_FOUND).then_some(contents)
    }

    /// Keeps what was read for a copy that may appear, and begins again at the start.
    pub(super) fn end_contents<W: Wanted>(
        &mut self,
        wanted: &W,
        sink: &mut dyn FnMut(&Arc<Path>, Taken),
    ) {
        if let Some((mut contents, _)) = self.before.take() {
            contents.flush(&self.path, wanted, sink);
        }
        let contents = mem::replace(&mut self.now, Contents::from(0, &[]));
        self.before = Some((contents, Instant::now()));
        self.compared = Some(0);
    }

    pub(super) fn length(&mut self) -> io::Result<u64> {
        let content = self.open()?;
        content.measure()?;
        Ok(content.length()?.unwrap_or(0))
    }

    /// Reads the head again, and returns whether it continues what was there before. The new head is kept then.
    pub(super) fn has_same_head(&mut self) -> io::Result<bool> {
        let mut head = vec![0; HEAD_BYTES];
        let read = self.open()?.read_at(0, &mut head)?;
        head.truncate(read);
        let is_same = head.starts_with(&self.now.head);
        if is_same {
            self.now.head = head;
        }
        Ok(is_same)
    }

    pub(super) fn open(&mut self) -> io::Result<&mut Content> {
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
