use super::{
    gzip,
    hold::Hold,
    names::{Closed, Names},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Which closed files are kept, and whether they are compressed.
#[derive(Clone, Debug, Default)]
pub(super) struct Retention {
    pub(super) max_files: Option<usize>,
    pub(super) max_bytes: Option<u64>,
    pub(super) is_compressing: bool,
    /// Whether compressed files have an index of trace ids.
    pub(super) is_indexing: bool,
    pub(super) hold: Option<Hold>,
}

impl Retention {
    /// Removes files beyond the number, compresses the others, and then removes files beyond the total size, each with its index. Continues after an error, and
    /// returns the last one.
    pub(super) fn apply(&self, names: &Names) -> io::Result<()> {
        let mut attempts = Attempts(Ok(()));
        for path in names.unfinished()? {
            attempts.remove(&path);
        }
        if let Some(max_files) = self.max_files {
            self.limit_files(names, max_files, &mut attempts)?;
        }
        if self.is_compressing {
            for file in names.all_closed()? {
                if !file.is_compressed {
                    attempts.note(gzip::compress(&file.path, self.is_indexing));
                }
            }
        }
        if let Some(max_bytes) = self.max_bytes {
            self.limit_bytes(names, max_bytes, &mut attempts)?;
        }
        if self.is_indexing {
            attempts.note(gzip::remove_orphans(names.folder()));
        }
        attempts.0
    }

    fn is_held(&self, path: &Path) -> bool {
        self.hold.as_ref().is_some_and(|hold| hold.is_held(path))
    }

    /// Removes the oldest files that are not held until `max_files` are left.
    fn limit_files(
        &self,
        names: &Names,
        max_files: usize,
        attempts: &mut Attempts,
    ) -> io::Result<()> {
        let closed = names.all_closed()?;
        let mut originals: Vec<_> = closed.iter().map(Closed::without_gz).collect();
        // While a file is being compressed, it exists twice.
        originals.dedup();
        let first_kept = originals.len().saturating_sub(max_files);
        for file in &closed {
            if originals[..first_kept].contains(&file.without_gz()) && !self.is_held(&file.path) {
                attempts.remove(&file.path);
            }
        }
        Ok(())
    }

    /// Removes the oldest files until `max_bytes` are left: first those that are not held, and then also those that are.
    fn limit_bytes(
        &self,
        names: &Names,
        max_bytes: u64,
        attempts: &mut Attempts,
    ) -> io::Result<()> {
        let mut files: Vec<(PathBuf, u64)> = Vec::new();
        for file in names.all_closed()? {
            // An uncompressed file was closed a moment ago. The next run compresses it and then counts it.
            if file.is_compressed || !self.is_compressing {
                let bytes = fs::metadata(&file.path).map_or(0, |metadata| metadata.len());
                files.push((file.path, bytes));
            }
        }
        let mut total: u64 = files.iter().map(|(_, bytes)| bytes).sum();
        files.retain(|(path, bytes)| {
            let is_excess = total > max_bytes && !self.is_held(path);
            if is_excess {
                total -= bytes;
                attempts.remove(path);
            }
            !is_excess
        });
        let (mut lost, mut lost_bytes) = (0, 0);
        for (path, bytes) in files {
            if total > max_bytes {
                total -= bytes;
                attempts.remove(&path);
                (lost, lost_bytes) = (lost + 1, lost_bytes + bytes);
            }
        }
        if lost > 0 {
            attempts.note(Err(io::Error::new(
                io::ErrorKind::QuotaExceeded,
                format!(
                    "{lost} files of {lost_bytes} bytes were removed although they were still needed: `with_max_total_bytes` allows \
                     {max_bytes} bytes"
                ),
            )));
        }
        Ok(())
    }
}

/// The last error of several attempts.
struct Attempts(io::Result<()>);

impl Attempts {
    fn remove(&mut self, path: &Path) {
        self.note(fs::remove_file(path));
    }

    fn note(&mut self, done: io::Result<()>) {
        match done {
            // Another process has removed or compressed the file.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.0 = Err(error),
            Ok(()) => {}
        }
    }
}
