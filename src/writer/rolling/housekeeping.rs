//! Closed files are compressed, and the oldest removed: on a thread for the time that it takes.

use super::{keep::Keep, names::Names, trouble::Trouble};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
};

#[derive(Clone, Debug, Default)]
pub(super) struct Housekeeping {
    is_running: Arc<AtomicBool>,
    is_due: Arc<AtomicBool>,
}

impl Housekeeping {
    /// Begins, unless it is under way: then it looks once more.
    pub(super) fn begin(&self, names: &Names, keep: &Keep, trouble: &Trouble) {
        self.is_due.store(true, SeqCst);
        if self.is_running.swap(true, SeqCst) {
            return;
        }
        let (this, names, of_thread) = (self.clone(), names.clone(), trouble.clone());
        let keep = keep.clone();
        let started = thread::Builder::new()
            .name("tracing-stamp-housekeeping".into())
            .spawn(move || this.run(&names, &keep, &of_thread));
        if let Err(error) = started {
            self.is_running.store(false, SeqCst);
            trouble.note("closed log files are not looked after", &error);
        }
    }

    fn run(&self, names: &Names, keep: &Keep, trouble: &Trouble) {
        loop {
            while self.is_due.swap(false, SeqCst) {
                if let Err(error) = keep.tidy(names) {
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
