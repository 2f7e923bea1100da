//! Folders for a test, and the lines in their files.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicUsize, Ordering},
};

/// A folder that goes with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("stamp-{}-{number}", process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The current file.
    pub(crate) fn current(&self) -> PathBuf {
        self.0.join("orders.jsonl")
    }

    /// All files but the lock, closed ones first, in the order of their names.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        files(&self.0)
    }

    /// What they have in them, one behind the other.
    pub(crate) fn text(&self) -> String {
        self.files().iter().map(|file| read(file)).collect()
    }
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "lock"))
        .collect();
    // Digits sort before letters: closed files before the current one.
    files.sort();
    files
}

pub(crate) fn read(file: &Path) -> String {
    let bytes = fs::read(file).expect("it can be read");
    String::from_utf8(bytes).expect("text")
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
