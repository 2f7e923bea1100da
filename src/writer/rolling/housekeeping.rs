//! Closed files are compressed, and the oldest removed: on a thread for the time that it takes.

use super::{gzip, names::Names, trouble::Trouble};
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

fn tidy(names: &Names, keep: Keep) -> io::Result<()> {
    for path in names.unfinished()? {
        fs::remove_file(path)?;
    }
    let mut closed = names.all_closed()?;
    // The oldest go before anything is compressed that would go.
    let mut sizes = Vec::new();
    for file in &closed {
        sizes.push(fs::metadata(&file.path)?.len());
    }
    let (mut files, mut bytes) = (closed.len(), sizes.iter().sum::<u64>());
    let mut gone = 0;
    while gone < closed.len()
        && (keep.files.is_some_and(|most| files > most)
            || keep.bytes.is_some_and(|most| bytes > most))
    {
        fs::remove_file(&closed[gone].path)?;
        files -= 1;
        bytes -= sizes[gone];
        gone += 1;
    }
    if keep.compressed {
        for file in closed.drain(gone..) {
            if !file.is_compressed {
                gzip::compress(&file.path)?;
            }
        }
    }
    Ok(())
}
