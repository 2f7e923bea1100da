//! Temporary folders, and the lines in their files.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Temporary folder that is removed on drop.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("stamp-{}-{number}", process::id()));
        fs::create_dir_all(&path).expect("the folder can be used");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the path of the current file.
    pub(crate) fn current(&self) -> PathBuf {
        self.0.join("orders.jsonl")
    }

    /// Returns all files except the lock: closed files first, in the order of their names.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        files(&self.0)
    }

    /// Returns the concatenated contents of all files.
    pub(crate) fn text(&self) -> String {
        self.files().iter().map(|file| read(file)).collect()
    }
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder can be used")
        .map(|entry| entry.expect("the folder entry can be read").path())
        .filter(|path| {
            let extension = path.extension();
            extension.is_none_or(|extension| extension != "lock" && extension != "trace-index")
        })
        .collect();
    // Digits sort before letters, so closed files come before the current one.
    files.sort();
    files
}

pub(crate) fn read(file: &Path) -> String {
    let bytes = fs::read(file).expect("it can be read");
    String::from_utf8(bytes).expect("valid UTF-8")
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
