//! Forces a file to the disk now and then, on a thread of its own.

use super::trouble::Trouble;
use std::{
    fs::File,
    io,
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
    time::Duration,
};

/// What was written and not forced to the disk yet. The thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct Syncing {
    unsynced: Arc<Mutex<Option<File>>>,
}

impl Syncing {
    /// # Errors
    ///
    /// When the operating system gives no thread.
    pub(super) fn start(interval: Duration, trouble: Trouble) -> io::Result<Self> {
        let unsynced = Arc::new(Mutex::new(None));
        let of_thread = Arc::downgrade(&unsynced);
        thread::Builder::new()
            .name("tracing-stamp-fsync".into())
            .spawn(move || run(&of_thread, interval, &trouble))?;
        Ok(Self { unsynced })
    }

    /// Something was written to this file.
    pub(super) fn note(&self, file: &File) -> io::Result<()> {
        let mut unsynced = self.lock();
        if unsynced.is_none() {
            *unsynced = Some(file.try_clone()?);
        }
        Ok(())
    }

    /// Nothing is left to be done: the file was forced to the disk.
    pub(super) fn forget(&self) {
        self.lock().take();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<File>> {
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(unsynced: &Weak<Mutex<Option<File>>>, interval: Duration, trouble: &Trouble) {
    loop {
        // Not without any pause.
        thread::sleep(interval.max(Duration::from_millis(1)));
        let Some(unsynced) = unsynced.upgrade() else {
            return;
        };
        let file = unsynced
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(file) = file
            && let Err(error) = file.sync_data()
        {
            trouble.note(super::writing::UNFORCED, &error);
        }
    }
}
