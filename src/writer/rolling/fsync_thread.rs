use super::deferred_error::DeferredError;
use std::{
    fs::File,
    io,
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
    time::Duration,
};

/// Message of a sync that failed.
pub(super) const SYNC_FAILED: &str =
    "the log file could not be synced to the disk, and a crash of the machine may lose lines";

/// Thread that syncs a file to the disk at an interval. The thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct FsyncThread {
    /// The file with writes that are not synced yet.
    unsynced: Arc<Mutex<Option<File>>>,
}

impl FsyncThread {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// If the operating system cannot create a thread.
    pub(super) fn start(interval: Duration, error: DeferredError) -> io::Result<Self> {
        let unsynced = Arc::new(Mutex::new(None));
        let weak = Arc::downgrade(&unsynced);
        thread::Builder::new()
            .name("tracing-stamp-fsync".into())
            .spawn(move || run(&weak, interval, &error))?;
        Ok(Self { unsynced })
    }

    /// Marks a file as written, so that the thread syncs it.
    pub(super) fn mark_unsynced(&self, file: &File) -> io::Result<()> {
        let mut unsynced = self.lock();
        if unsynced.is_none() {
            *unsynced = Some(file.try_clone()?);
        }
        Ok(())
    }

    /// Marks the file as synced, so that the thread does not sync it again.
    pub(super) fn mark_synced(&self) {
        self.lock().take();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<File>> {
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(unsynced: &Weak<Mutex<Option<File>>>, interval: Duration, error: &DeferredError) {
    loop {
        // An interval of zero would keep a processor busy.
        thread::sleep(interval.max(Duration::from_millis(1)));
        let Some(unsynced) = unsynced.upgrade() else {
            return;
        };
        let file = unsynced
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(file) = file
            && let Err(cause) = file.sync_data()
        {
            error.set(SYNC_FAILED, &cause);
        }
    }
}
