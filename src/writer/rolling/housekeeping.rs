//! Compresses closed files and removes the oldest, on a thread that ends when this is done.

use super::{deferred_error::DeferredError, names::Names, retention::Retention};
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
    /// Starts the thread. If it is running already, it looks for closed files again.
    pub(super) fn begin(&self, names: &Names, retention: &Retention, error: &DeferredError) {
        self.is_due.store(true, SeqCst);
        if self.is_running.swap(true, SeqCst) {
            return;
        }
        let (this, names) = (self.clone(), names.clone());
        let (retention, thread_error) = (retention.clone(), error.clone());
        let started = thread::Builder::new()
            .name("tracing-stamp-housekeeping".into())
            .spawn(move || this.run(&names, &retention, &thread_error));
        if let Err(cause) = started {
            self.is_running.store(false, SeqCst);
            error.set(
                "closed log files are not compressed or removed, as no thread could be started",
                &cause,
            );
        }
    }

    fn run(&self, names: &Names, retention: &Retention, error: &DeferredError) {
        loop {
            while self.is_due.swap(false, SeqCst) {
                if let Err(cause) = retention.apply(names) {
                    error.set(
                        "closed log files could not be compressed or removed",
                        &cause,
                    );
                }
            }
            self.is_running.store(false, SeqCst);
            // `begin` may have been called since the last check, and left the work to this thread.
            if !self.is_due.load(SeqCst) || self.is_running.swap(true, SeqCst) {
                return;
            }
        }
    }
}
