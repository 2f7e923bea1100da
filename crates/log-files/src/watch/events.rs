//! Receives events of the operating system, and collects the paths that changed.

use super::{heard::Heard, pause::Pacer};
use notify::{Event, EventHandler, EventKind, event::ModifyKind};
use std::{
    collections::{BTreeSet, HashMap},
    mem,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

/// If more paths changed, everything may have changed.
const MAX_PATHS: usize = 10_000;

/// Shared between the thread that receives events and the one that looks for files.
pub(super) struct Events {
    state: Mutex<State>,
    /// Notified when something changed, and when a pause is to end.
    condition: Condvar,
    on_change: Box<dyn Fn() + Send + Sync>,
    /// Called on the thread that receives events, before each of them.
    pub(super) on_event: OnceLock<fn()>,
}

#[derive(Default)]
pub(super) struct State {
    /// The watched folders by their real paths, with the paths under which they were given.
    folders: HashMap<PathBuf, BTreeSet<PathBuf>>,
    pub(super) changed: BTreeSet<PathBuf>,
    /// Whether events were lost, or a watched folder was removed or renamed.
    pub(super) has_lost_track: bool,
    /// Watched folders that were removed or renamed, by their real paths.
    pub(super) gone: BTreeSet<PathBuf>,
    pub(super) heard: Heard,
    /// Whether the thread that receives events is needed now, and must not pause.
    is_urgent: bool,
    /// Whether nobody waits for changes any more.
    is_closed: bool,
    /// Whether that thread has ended.
    pub(super) is_over: bool,
}

/// What wakes a caller.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Signal {
    pub(super) has_changed: bool,
    pub(super) has_lost_track: bool,
}

impl Events {
    pub(super) fn new(on_change: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            state: Mutex::default(),
            condition: Condvar::new(),
            on_change: Box::new(on_change),
            on_event: OnceLock::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the signal is another one, at most this long.
    pub(super) fn wait(&self, timeout: Duration, signal: Signal) {
        self.wait_while(timeout, |state| state.signal() == signal);
    }

    fn wait_while(&self, timeout: Duration, condition: impl Fn(&State) -> bool) {
        let state = self.lock();
        let result = self
            .condition
            .wait_timeout_while(state, timeout, |state| condition(state));
        drop(result);
    }

    /// Sets whether the thread that receives events must not pause.
    pub(super) fn set_urgent(&self, is_urgent: bool) {
        self.lock().is_urgent = is_urgent;
        self.condition.notify_all();
    }

    /// Ends pauses and calls of the callback for good.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.set_urgent(true);
    }

    fn pause(&self, duration: Duration) {
        self.wait_while(duration, |state| !state.is_urgent);
    }

    /// Changes the state, and wakes the caller if the signal is another one then.
    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        let before = state.signal();
        change(&mut state);
        let is_other = before != state.signal() && !state.is_closed;
        drop(state);
        if is_other {
            self.condition.notify_all();
            (self.on_change)();
        }
    }
}

impl State {
    /// Adds a watched folder. Returns whether it was not watched before under another path.
    pub(super) fn insert(&mut self, real: &Path, given: &Path) -> bool {
        let all_given = self.folders.entry(real.to_owned()).or_default();
        all_given.insert(given.to_owned());
        all_given.len() == 1
    }

    /// Removes a watched folder. Returns whether it is not watched under another path.
    pub(super) fn remove(&mut self, real: &Path, given: &Path) -> bool {
        let Some(all_given) = self.folders.get_mut(real) else {
            return false;
        };
        all_given.remove(given);
        let is_last = all_given.is_empty();
        if is_last {
            self.folders.remove(real);
        }
        is_last
    }

    pub(super) fn signal(&self) -> Signal {
        Signal {
            has_changed: !self.changed.is_empty(),
            has_lost_track: self.has_lost_track,
        }
    }

    pub(super) fn take_changed(&mut self) -> BTreeSet<PathBuf> {
        mem::take(&mut self.changed)
    }

    /// Begins a look at everything.
    pub(super) fn begin_look(&mut self) {
        self.changed.clear();
        self.has_lost_track = false;
        self.heard.begin_look();
    }

    fn add(&mut self, event: &Event) {
        if event.need_rescan() {
            self.lose_track();
        }
        let is_move = matches!(
            event.kind,
            EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
        );
        for path in &event.paths {
            if self.folders.contains_key(path) {
                if is_move {
                    self.gone.insert(path.clone());
                    self.has_lost_track = true;
                }
                self.add_path(path, None);
            }
            if let (Some(folder), Some(_)) = (path.parent(), path.file_name()) {
                self.add_path(folder, Some(path));
            }
        }
    }

    /// Adds a folder or a file in it, under the paths under which the folder was given.
    fn add_path(&mut self, folder: &Path, file: Option<&Path>) {
        let Some(given) = self.folders.get(folder) else {
            return;
        };
        for given in given {
            let path = match file.and_then(Path::file_name) {
                Some(name) => given.join(name),
                None => given.clone(),
            };
            self.heard.add(&path);
            self.changed.insert(path);
        }
        if self.changed.len() > MAX_PATHS {
            self.changed.clear();
            self.has_lost_track = true;
        }
    }

    fn lose_track(&mut self) {
        self.heard.add_all();
        self.has_lost_track = true;
    }
}

/// Runs on the thread that receives events.
pub(super) struct Receiver {
    events: Arc<Events>,
    pacer: Pacer,
}

impl Receiver {
    pub(super) fn new(events: Arc<Events>) -> Self {
        events.lock().is_over = false;
        Self {
            events,
            pacer: Pacer::default(),
        }
    }
}

impl EventHandler for Receiver {
    fn handle_event(&mut self, event: notify::Result<Event>) {
        if let Some(hook) = self.events.on_event.get() {
            hook();
        }
        match event {
            // Opening and reading change nothing, and this process does both.
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => {}
            Ok(event) => self.events.update(|state| state.add(&event)),
            Err(_) => self.events.update(State::lose_track),
        }
        if let Some(duration) = self.pacer.pause() {
            self.events.pause(duration);
            self.pacer.paused();
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.events.update(|state| {
            state.is_over = true;
            state.has_lost_track = true;
        });
    }
}
