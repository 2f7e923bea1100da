//! Exclusive lock files.

use crate::disk::open_private;
use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    process,
};

/// An exclusive lock on a file, released when this is dropped.
///
/// Closing the file is not enough to release the lock: a child process that is being started has all files of its parent until it
/// executes its program. So the lock is released explicitly.
///
/// Any user who can open the file can lock it, so only its owner has permissions.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// The process that holds the lock. A forked process must not release it.
    process: u32,
}

impl Lock {
    /// Locks the file at `path`. Returns `None` if it is already locked, by this process or by another one.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        let file = open_private(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self {
                file,
                process: process::id(),
            })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.process == process::id() {
            let _ = self.file.unlock();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lock;
    use std::{env, fs, process};

    #[test]
    fn a_lock_is_released_even_if_a_child_process_still_has_the_file_open() {
        let path = env::temp_dir().join(format!("tracing-stamp-lock-{}", process::id()));
        let take = || Lock::take(&path).expect("the file can be locked");
        let lock = take().expect("the lock is free");
        assert!(take().is_none());
        let file_of_child = lock
            .file
            .try_clone()
            .expect("the file handle can be cloned");
        drop(lock);
        let next = take();
        drop(file_of_child);
        assert!(next.is_some());
        assert!(take().is_none());
        fs::remove_file(&path).expect("the lock file exists");
    }

    #[test]
    fn a_forked_process_does_not_release_the_lock_of_its_parent() {
        let path = env::temp_dir().join(format!("tracing-stamp-forked-{}", process::id()));
        let take = || Lock::take(&path).expect("the file can be locked");
        let lock = take().expect("the lock is free");
        drop(Lock {
            file: lock
                .file
                .try_clone()
                .expect("the file handle can be cloned"),
            process: process::id() + 1,
        });
        assert!(take().is_none());
        fs::remove_file(&path).expect("the lock file exists");
    }
}
