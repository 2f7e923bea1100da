//! Closed files are compressed, and the oldest removed: on a thread for the time that it takes.

use super::{
    gzip,
    names::{Closed, Names},
    trouble::Trouble,
};
use std::{
    fs, io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
};

/// What is kept of closed files.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keep {
    pub(super) files: Option<usize>,
    pub(super) bytes: Option<u64>,
    pub(super) compressed: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Housekeeping {
    is_running: Arc<AtomicBool>,
    is_due: Arc<AtomicBool>,
}

impl Housekeeping {
    /// Begins, unless it is under way: then it looks once more.
    pub(super) fn begin(&self, names: &Names, keep: Keep, trouble: &Trouble) {
        self.is_due.store(true, SeqCst);
        if self.is_running.swap(true, SeqCst) {
            return;
        }
        let (this, names, of_thread) = (self.clone(), names.clone(), trouble.clone());
        let started = thread::Builder::new()
            .name("tracing-stamp-housekeeping".into())
            .spawn(move || this.run(&names, keep, &of_thread));
        if let Err(error) = started {
            self.is_running.store(false, SeqCst);
            trouble.note("closed log files are not looked after", &error);
        }
    }

    fn run(&self, names: &Names, keep: Keep, trouble: &Trouble) {
        loop {
            while self.is_due.swap(false, SeqCst) {
                if let Err(error) = tidy(names, keep) {
                    trouble.note(
                        "closed log files could not be compressed or removed",
                        &error,
                    );
                }
            }
            self.is_running.store(false, SeqCst);
            // What became due since the last look is nobody else's unless another thread has begun.
            if !self.is_due.load(SeqCst) || self.is_running.swap(true, SeqCst) {
                return;
            }
        }
    }
}

/// Goes on after an error, and returns the last.
fn tidy(names: &Names, keep: Keep) -> io::Result<()> {
    let mut result = Ok(());
    let mut attempt = |done: io::Result<()>| match done {
        // Somebody else was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => result = Err(error),
        Ok(()) => {}
    };
    for path in names.unfinished()? {
        attempt(fs::remove_file(path));
    }
    if let Some(most) = keep.files {
        let closed = names.all_closed()?;
        let mut moments: Vec<_> = closed.iter().map(Closed::without_gz).collect();
        // While a file is compressed it is there twice.
        moments.dedup();
        let first_kept = moments.len().saturating_sub(most);
        for file in &closed {
            if moments[..first_kept].contains(&file.without_gz()) {
                attempt(fs::remove_file(&file.path));
            }
        }
    }
    if keep.compressed {
        for file in names.all_closed()? {
            if !file.is_compressed {
                attempt(gzip::compress(&file.path));
            }
        }
    }
    if let Some(most) = keep.bytes {
        let mut bytes = 0;
        // From the newest on, as much as there is room for.
        for file in names.all_closed()?.iter().rev() {
            // Closed meanwhile: the next round compresses it first.
            if keep.compressed && !file.is_compressed {
                continue;
            }
            bytes += fs::metadata(&file.path).map_or(0, |metadata| metadata.len());
            if bytes > most {
                attempt(fs::remove_file(&file.path));
            }
        }
    }
    result
}
