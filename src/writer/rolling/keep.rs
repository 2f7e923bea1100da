//! What is kept of closed files, and how.

use super::{
    gzip,
    hold::Hold,
    names::{Closed, Names},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

#[derive(Clone, Debug, Default)]
pub(super) struct Keep {
    pub(super) files: Option<usize>,
    pub(super) bytes: Option<u64>,
    pub(super) compressed: bool,
    pub(super) hold: Option<Hold>,
}

impl Keep {
    /// Removes, compresses and removes again. Goes on after an error, and returns the last.
    pub(super) fn tidy(&self, names: &Names) -> io::Result<()> {
        let mut attempts = Attempts(Ok(()));
        for path in names.unfinished()? {
            attempts.remove(&path);
        }
        if let Some(most) = self.files {
            self.keep_files(names, most, &mut attempts)?;
        }
        if self.compressed {
            for file in names.all_closed()? {
                if !file.is_compressed {
                    attempts.note(gzip::compress(&file.path));
                }
            }
        }
        if let Some(most) = self.bytes {
            self.keep_bytes(names, most, &mut attempts)?;
        }
        attempts.0
    }

    fn is_held(&self, path: &Path) -> bool {
        self.hold.as_ref().is_some_and(|hold| hold.is_held(path))
    }

    fn keep_files(&self, names: &Names, most: usize, attempts: &mut Attempts) -> io::Result<()> {
        let closed = names.all_closed()?;
        let mut moments: Vec<_> = closed.iter().map(Closed::without_gz).collect();
        // While a file is compressed it is there twice.
        moments.dedup();
        let first_kept = moments.len().saturating_sub(most);
        for file in &closed {
            if moments[..first_kept].contains(&file.without_gz()) && !self.is_held(&file.path) {
                attempts.remove(&file.path);
            }
        }
        Ok(())
    }

    /// The oldest go first, and of those the ones that nobody holds.
    fn keep_bytes(&self, names: &Names, most: u64, attempts: &mut Attempts) -> io::Result<()> {
        let mut files: Vec<(PathBuf, u64)> = Vec::new();
        for file in names.all_closed()? {
            // One that was closed meanwhile is compressed first, in the next round.
            if file.is_compressed || !self.compressed {
                let bytes = fs::metadata(&file.path).map_or(0, |metadata| metadata.len());
                files.push((file.path, bytes));
            }
        }
        let mut total: u64 = files.iter().map(|(_, bytes)| bytes).sum();
        files.retain(|(path, bytes)| {
            let goes = total > most && !self.is_held(path);
            if goes {
                total -= bytes;
                attempts.remove(path);
            }
            !goes
        });
        let (mut lost, mut lost_bytes) = (0, 0);
        for (path, bytes) in files {
            if total > most {
                total -= bytes;
                attempts.remove(&path);
                (lost, lost_bytes) = (lost + 1, lost_bytes + bytes);
            }
        }
        if lost > 0 {
            attempts.note(Err(io::Error::new(
                io::ErrorKind::QuotaExceeded,
                format!(
                    "{lost} files of {lost_bytes} bytes were removed though they were still needed, as `with_max_total_bytes` leaves \
                     room for {most}"
                ),
            )));
        }
        Ok(())
    }
}

struct Attempts(io::Result<()>);

impl Attempts {
    fn remove(&mut self, path: &Path) {
        self.note(fs::remove_file(path));
    }

    fn note(&mut self, done: io::Result<()>) {
        match done {
            // Somebody else was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.0 = Err(error),
            Ok(()) => {}
        }
    }
}
