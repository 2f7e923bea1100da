//! An exclusive lock file.

use crate::disk::open_private;
use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    process,
};

/// Locked until this is dropped.
///
/// Closing the file would end its lock too, but not while a child process that is being started still has it: that has all files of its
/// parent until it becomes another program.
///
/// Any user who can open the file can lock it, so only its owner has any right to it.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    /// A process that is forked off must not end the lock of the first.
    process: u32,
}

impl Lock {
    /// `None` when it is locked already, in this process or in another.
    pub(crate) fn take(path: &Path) -> io::Result<Option<Self>> {
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
    fn a_lock_ends_although_a_child_process_still_has_its_file() {
        let path = env::temp_dir().join(format!("tracing-stamp-lock-{}", process::id()));
        let take = || Lock::take(&path).expect("it can be locked");
        let lock = take().expect("it is free");
        assert!(take().is_none());
        let of_a_child = lock.file.try_clone().expect("the same file once more");
        drop(lock);
        let next = take();
        drop(of_a_child);
        assert!(next.is_some());
        assert!(take().is_none());
        fs::remove_file(&path).expect("it is there");
    }

    #[test]
    fn a_forked_process_does_not_end_the_lock_of_the_first() {
        let path = env::temp_dir().join(format!("tracing-stamp-forked-{}", process::id()));
        let take = || Lock::take(&path).expect("it can be locked");
        let lock = take().expect("it is free");
        drop(Lock {
            file: lock.file.try_clone().expect("the same file once more"),
            process: process::id() + 1,
        });
        assert!(take().is_none());
        fs::remove_file(&path).expect("it is there");
    }
}
