use super::events::{Events, Receiver};
use crate::FileKey;
use notify::{Config, RecommendedWatcher, RecursiveMode, Watcher as _, WatcherKind};
use std::{
    fs, io, mem,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The folders in which the operating system reports changes.
pub(super) struct SystemWatch {
    events: Arc<Events>,
    /// `None` before the first folder is watched, and while the system has no events for this process.
    watcher: Option<RecommendedWatcher>,
    is_enabled: bool,
}

/// A watched folder: the path under which it was given, its real path and its key.
type Watched = (PathBuf, PathBuf, FileKey);

impl SystemWatch {
    pub(super) fn new(events: Arc<Events>) -> Self {
        Self {
            events,
            watcher: None,
            is_enabled: true,
        }
    }

    pub(super) fn set_enabled(&mut self, enabled: bool) {
        self.is_enabled = enabled;
    }

    /// Watches folders, and returns those that can be watched.
    pub(super) fn add(&mut self, folders: &[&Path]) -> Vec<Watched> {
        if folders.is_empty() || !self.start() {
            return Vec::new();
        }
        let Some(watcher) = &mut self.watcher else {
            return Vec::new();
        };
        self.events.set_urgent(true);
        let mut watched = Vec::new();
        let mut batch = watcher.paths_mut();
        for folder in folders {
            let Ok((real, key)) = real_folder(folder) else {
                continue;
            };
            // Events may come before the next line, so the path is known by then.
            let is_first = self.events.lock().insert(&real, folder);
            if !is_first || batch.add(&real, RecursiveMode::NonRecursive).is_ok() {
                watched.push(((*folder).to_owned(), real, key));
            } else {
                self.events.lock().remove(&real, folder);
            }
        }
        if batch.commit().is_err() {
            for (given, real, _) in mem::take(&mut watched) {
                self.events.lock().remove(&real, &given);
            }
        }
        self.events.set_urgent(false);
        watched
    }

    /// Stops to watch folders, each given by its real path and the path under which it was given.
    pub(super) fn remove(&mut self, folders: Vec<(PathBuf, PathBuf)>) {
        if folders.is_empty() {
            return;
        }
        self.leave_ended();
        self.events.set_urgent(true);
        let mut batch = self.watcher.as_mut().map(|watcher| watcher.paths_mut());
        for (real, given) in folders {
            let is_last = self.events.lock().remove(&real, &given);
            if let Some(batch) = &mut batch
                && is_last
            {
                // A folder that was removed is not watched any more.
                let _ = batch.remove(&real);
            }
        }
        if let Some(batch) = batch {
            let _ = batch.commit();
        }
        self.events.set_urgent(false);
    }

    /// Starts the thread that receives events. Returns `false` if that fails: some systems have no events, and others limit how many
    /// processes of a user receive them.
    fn start(&mut self) -> bool {
        self.leave_ended();
        let has_events = !matches!(
            RecommendedWatcher::kind(),
            WatcherKind::PollWatcher | WatcherKind::NullWatcher
        );
        if self.watcher.is_none() && self.is_enabled && has_events {
            let receiver = Receiver::new(Arc::clone(&self.events));
            self.watcher = RecommendedWatcher::new(receiver, Config::default()).ok();
        }
        self.watcher.is_some()
    }

    /// Gives up the watcher if its thread has ended. `notify` panics if it is used then, even if it is dropped.
    fn leave_ended(&mut self) {
        let is_over = self.events.lock().is_over;
        if is_over && let Some(watcher) = self.watcher.take() {
            mem::forget(watcher);
        }
    }
}

impl Drop for SystemWatch {
    fn drop(&mut self) {
        self.leave_ended();
        self.events.close();
    }
}

/// Events have paths without symbolic links.
fn real_folder(path: &Path) -> io::Result<(PathBuf, FileKey)> {
    let real = fs::canonicalize(path)?;
    let metadata = fs::metadata(&real)?;
    match metadata.is_dir() {
        true => Ok((real, FileKey::of(&metadata))),
        false => Err(io::ErrorKind::NotADirectory.into()),
    }
}
