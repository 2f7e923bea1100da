//! One log with its rotated files, and what a service and `logrotate` do with it.

use super::{
    files::{append, empty, gzip, overwrite},
    lines::{other, own, text},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Whose lines a log has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// They have ids of their own.
    Own,
    /// JSON with times.
    Other,
    /// They have no times.
    Text,
}

impl Kind {
    /// Returns the kind of the log that a message names.
    pub(crate) fn of(message: &str) -> Self {
        let all = [Self::Own, Self::Other, Self::Text];
        let is_named = |kind: &Self| message.contains(&Log::name_of(*kind));
        all.into_iter()
            .find(is_named)
            .expect("the message names a log")
    }
}

/// A copy of less text than this is not recognised if none of its lines has a time.
const LEAST_TEXT: u64 = 1_024;

pub(crate) struct Log {
    pub(crate) kind: Kind,
    path: PathBuf,
    current: LogFile,
    /// The newest one first.
    closed: Vec<LogFile>,
    /// The rest of a line that is written only in part.
    torn: Option<(u64, String)>,
    /// Whether its writer reserves space with NUL bytes, and overwrites these.
    is_reserving: bool,
}

/// A file with complete lines.
#[derive(Clone, Default)]
pub(crate) struct LogFile {
    path: PathBuf,
    lines: Vec<u64>,
    bytes: u64,
    /// How many of the bytes, and of the lines, were certainly confirmed and saved.
    settled: (u64, usize),
    is_compressed: bool,
}

impl Log {
    pub(crate) fn new(folder: &Path, kind: Kind, is_reserving: bool) -> Self {
        let path = folder.join(Self::name_of(kind));
        Self {
            kind,
            current: LogFile::at(&path),
            path,
            closed: Vec::new(),
            torn: None,
            is_reserving,
        }
    }

    fn name_of(kind: Kind) -> String {
        format!("{kind:?}.log").to_lowercase()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn line(&self, number: u64) -> String {
        match self.kind {
            Kind::Own => own(number),
            Kind::Other => other(number),
            Kind::Text => text(number),
        }
    }

    pub(crate) fn append(&mut self, number: u64) {
        self.mend();
        let line = self.line(number);
        self.write(&line);
        self.current.lines.push(number);
    }

    /// Writes a line that has no number, as each start of a service does.
    pub(crate) fn append_banner(&mut self) {
        self.mend();
        self.write("=== the service starts ===\n");
    }

    /// Writes only a part of a line. The rest follows later.
    pub(crate) fn tear(&mut self, number: u64) {
        self.mend();
        let line = self.line(number);
        let (begin, end) = line.split_at(line.len() / 3);
        self.write(begin);
        self.torn = Some((number, end.to_owned()));
    }

    /// Completes a torn line.
    pub(crate) fn mend(&mut self) {
        if let Some((number, end)) = self.torn.take() {
            self.write(&end);
            self.current.lines.push(number);
        }
    }

    fn write(&mut self, text: &str) {
        match self.is_reserving {
            true => overwrite(&self.path, self.current.bytes, text),
            false => append(&self.path, text),
        }
        self.current.bytes += text.len() as u64;
    }

    /// Renames the file, as `logrotate` does by default. There is no current file then, until a line is written.
    pub(crate) fn rotate(&mut self) {
        self.mend();
        if self.path.exists() {
            self.make_room();
            let to = self.name(1, false);
            fs::rename(&self.path, &to).expect("the file is renamed");
            let current = LogFile::at(&self.path);
            let closed = std::mem::replace(&mut self.current, current);
            self.closed.insert(0, LogFile { path: to, ..closed });
        }
    }

    /// Copies the file, as `logrotate` does with `copytruncate`. Returns the lines that may be repeated.
    pub(crate) fn copy(&mut self) -> Vec<u64> {
        self.mend();
        match self.path.exists() {
            true => {
                let copy = self.copy_aside();
                self.publish(copy)
            }
            false => Vec::new(),
        }
    }

    /// Copies the file. Lines are shipped before it is emptied. Returns the lines that may be repeated.
    pub(crate) fn copy_to_grow(&mut self) -> Vec<u64> {
        let repeats = self.copy();
        match self.kind {
            // A copy of text is only recognised if it has everything that is confirmed.
            Kind::Text => self.current.lines.clone(),
            Kind::Own | Kind::Other => repeats,
        }
    }

    /// Copies the file to a name that is not shipped.
    pub(crate) fn copy_aside(&self) -> LogFile {
        let mut copy = self.current.clone();
        copy.path = self.path.with_extension("log.tmp");
        fs::copy(&self.path, &copy.path).expect("the file is copied");
        copy
    }

    /// Gives a copy the name of the latest closed file. Returns the lines that may be repeated.
    pub(crate) fn publish(&mut self, copy: LogFile) -> Vec<u64> {
        self.make_room();
        let path = self.name(1, false);
        fs::rename(&copy.path, &path).expect("the file is renamed");
        let repeats = copy.repeats_of_copy(self.kind);
        self.closed.insert(0, LogFile { path, ..copy });
        repeats
    }

    /// Empties the file in place.
    pub(crate) fn empty(&mut self) {
        if self.path.exists() {
            empty(&self.path);
        }
        self.current = LogFile::at(&self.path);
    }

    /// Compresses a closed file. Returns the lines that may be repeated.
    pub(crate) fn compress(&mut self, index: usize) -> Vec<u64> {
        let to = self.name(index + 1, true);
        let Some(file) = self.closed.get_mut(index) else {
            return Vec::new();
        };
        if file.is_compressed || file.bytes == 0 {
            return Vec::new();
        }
        gzip(&file.path);
        file.path = to;
        file.is_compressed = true;
        file.repeats_of_copy(self.kind)
    }

    pub(crate) fn closed_files(&self) -> usize {
        self.closed.len()
    }

    pub(crate) fn remove_oldest(&mut self) {
        if let Some(file) = self.closed.pop() {
            fs::remove_file(file.path).expect("the file is removed");
        }
    }

    /// Removes the current file. The next one is at the same path, and maybe in the same inode.
    pub(crate) fn remove_current(&mut self) {
        if self.path.exists() {
            fs::remove_file(&self.path).expect("the file is removed");
        }
        self.current = LogFile::at(&self.path);
    }

    /// Notes that everything is confirmed and saved.
    pub(crate) fn settle(&mut self) {
        for file in self.closed.iter_mut().chain([&mut self.current]) {
            file.settled = (file.bytes, file.lines.len());
        }
    }

    /// Returns the bytes and the lines of the current file that may not be confirmed.
    pub(crate) fn unsettled(&self) -> (u64, Vec<u64>) {
        let (bytes, lines) = self.current.settled;
        (
            self.current.bytes - bytes,
            self.current.lines[lines..].to_vec(),
        )
    }

    /// Renames all closed files, so that the first name is free.
    fn make_room(&mut self) {
        for index in (0..self.closed.len()).rev() {
            let to = self.name(index + 2, self.closed[index].is_compressed);
            fs::rename(&self.closed[index].path, &to).expect("the file is renamed");
            self.closed[index].path = to;
        }
    }

    fn name(&self, number: usize, is_compressed: bool) -> PathBuf {
        let end = if is_compressed { ".gz" } else { "" };
        PathBuf::from(format!("{}.{number}{end}", self.path.display()))
    }
}

impl LogFile {
    fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// Returns the lines that may be repeated once this file has been copied or compressed.
    fn repeats_of_copy(&self, kind: Kind) -> Vec<u64> {
        let may_repeat = match kind {
            Kind::Own => false,
            // The shipper may see the file and its copy for the first time at once.
            Kind::Other => self.settled.0 == 0,
            Kind::Text => self.settled.0 < LEAST_TEXT,
        };
        match may_repeat {
            true => self.lines.clone(),
            false => Vec::new(),
        }
    }
}
