use super::{Changes, events::Events, system_watch::SystemWatch};
use crate::FileKey;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt, fs, mem,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// An event may arrive this long after a look has already shown the effect of the change.
const GRACE: Duration = Duration::from_secs(2);
/// A change is reported at once, and the next ones after this time, so that many changes are looked at together.
const BETWEEN_PATHS: Duration = Duration::from_millis(100);
/// More files that grew without an event are not remembered.
const MAX_UNCONFIRMED: usize = 10_000;

/// Reports which folders and files to look at.
///
/// It starts a thread that receives events. The caller runs the loop, and decides when to look:
///
/// ```
/// use log_files::{discover::{Finder, Sources}, watch::{Changes, FolderWatch}};
/// use std::{path::PathBuf, time::Duration};
///
/// let mut sources = Sources::default();
/// sources.add(std::env::temp_dir().join("log-files-example/*.log"));
/// let mut finder = Finder::new(sources);
/// let mut watch = FolderWatch::new(|| { /* wake the loop if it waits for other events too */ });
/// for _ in 0..3 {
///     let found = match watch.wait(Duration::from_millis(10)) {
///         Changes::Nothing => continue,
///         Changes::Paths(paths) => finder.find_changed(paths.iter().map(PathBuf::as_path)),
///         Changes::Everything => finder.find(),
///     };
///     if found.is_complete || found.has_other_folders {
///         watch.watch(finder.folders());
///     }
///     // Read `found.files`.
/// }
/// ```
///
/// # What is not reported
///
/// - Growth of a file that was removed but is still written. A caller that has the file open has to check its size.
/// - Changes by other machines on a network file system, and writes through a hard link in another folder. A look at everything is due [now
///   and then](Self::with_full_interval), so such changes are found late at first. After [`note_growth`](Self::note_growth), such a folder
///   is polled.
pub struct FolderWatch {
    events: Arc<Events>,
    system: SystemWatch,
    folders: BTreeMap<PathBuf, Folder>,
    /// Files that grew, and for which no event has arrived yet.
    unconfirmed: HashMap<PathBuf, Instant>,
    poll_interval: Duration,
    full_interval: Duration,
    last_poll: Option<Instant>,
    /// When changed paths were reported last.
    last_paths: Option<Instant>,
    last_full: Option<Instant>,
    /// When the look at everything before the last one began.
    previous_full: Option<Instant>,
}

enum Folder {
    Watched {
        real: PathBuf,
        key: FileKey,
        since: Instant,
    },
    /// It is missing, or cannot be watched now.
    Polled,
    /// Its changes are not reported, so it is polled for good.
    Silent,
}

impl FolderWatch {
    /// Creates a watch without folders. `on_change` is called from another thread when something changed after there was nothing to report.
    /// It must not block.
    #[must_use]
    pub fn new(on_change: impl Fn() + Send + Sync + 'static) -> Self {
        let events = Arc::new(Events::new(on_change));
        Self {
            system: SystemWatch::new(Arc::clone(&events)),
            events,
            folders: BTreeMap::new(),
            unconfirmed: HashMap::new(),
            poll_interval: Duration::from_secs(1),
            full_interval: Duration::from_secs(30),
            last_poll: None,
            last_paths: None,
            last_full: None,
            previous_full: None,
        }
    }

    /// Sets a function that is called for each event, on the thread that receives events. With it, a logger can leave out what that thread
    /// logs at TRACE: lines about events in the folder that the logger writes to would never end.
    #[must_use]
    pub fn with_event_hook(self, hook: fn()) -> Self {
        // Only the first one counts.
        let _ = self.events.on_event.set(hook);
        self
    }

    /// Sets how often to look at folders without events. The default is 1 second.
    #[must_use]
    pub fn with_poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// Sets how often to look at everything although events come. The default is 30 seconds.
    #[must_use]
    pub fn with_full_interval(mut self, interval: Duration) -> Self {
        self.full_interval = interval;
        self
    }

    /// Sets whether to use events of the operating system. The default is `true`. Otherwise, all folders are polled.
    #[must_use]
    pub fn with_events(mut self, enabled: bool) -> Self {
        self.system.set_enabled(enabled);
        self
    }

    /// Sets the folders to watch, instead of those set before. Folders that do not exist are polled until they do.
    ///
    /// Call this after each look at everything, also with the same folders: folders that were replaced are watched again. As files may have
    /// changed before the folder was watched, each newly watched folder is reported as changed once.
    pub fn watch<'p>(&mut self, folders: impl IntoIterator<Item = &'p Path>) {
        let wanted: BTreeSet<&Path> = folders.into_iter().collect();
        let gone = mem::take(&mut self.events.lock().gone);
        let mut folders = mem::take(&mut self.folders);
        let mut removed = Vec::new();
        folders.retain(|path, folder| {
            let stays = wanted.contains(path.as_path()) && folder.is_in_place(path, &gone);
            if !stays && let Folder::Watched { real, .. } = folder {
                removed.push((real.clone(), path.clone()));
            }
            stays
        });
        self.folders = folders;
        self.system.remove(removed);
        self.add(wanted);
    }

    fn add(&mut self, wanted: BTreeSet<&Path>) {
        let is_set = |path: &Path| {
            matches!(
                self.folders.get(path),
                Some(Folder::Watched { .. } | Folder::Silent)
            )
        };
        let added: Vec<&Path> = wanted.into_iter().filter(|path| !is_set(path)).collect();
        let watched = self.system.add(&added);
        for path in added {
            self.folders.insert(path.to_owned(), Folder::Polled);
        }
        let paths = watched.iter().map(|(given, ..)| given.clone());
        self.events.lock().changed.extend(paths);
        for (given, real, key) in watched {
            let since = Instant::now();
            self.folders
                .insert(given, Folder::Watched { real, key, since });
        }
    }

    /// Returns what to look at now. Everything is due first, then at intervals, and after events were lost.
    ///
    /// Changed paths are reported ten times a second at most. [`due_in`](Self::due_in) says when to ask again.
    pub fn changes(&mut self) -> Changes {
        self.find_silent();
        if is_due(self.last_full, self.full_interval_now()) {
            let now = Some(Instant::now());
            self.previous_full = mem::replace(&mut self.last_full, now);
            self.last_poll = now;
            self.events.lock().begin_look();
            return Changes::Everything;
        }
        let mut paths = BTreeSet::new();
        if is_due(self.last_paths, BETWEEN_PATHS) {
            paths = self.events.lock().take_changed();
        }
        if !paths.is_empty() {
            self.last_paths = Some(Instant::now());
        }
        if is_due(self.last_poll, self.poll_interval) {
            self.last_poll = Some(Instant::now());
            paths.extend(self.polled().map(Path::to_owned));
        }
        match paths.is_empty() {
            true => Changes::Nothing,
            false => Changes::Paths(paths),
        }
    }

    /// Waits until there is something to look at, at most this long.
    pub fn wait(&mut self, timeout: Duration) -> Changes {
        let begin = Instant::now();
        loop {
            let changes = self.changes();
            let rest = timeout.saturating_sub(begin.elapsed());
            if changes != Changes::Nothing || rest.is_zero() {
                return changes;
            }
            let signal = self.events.lock().signal();
            self.events.wait(self.due_in().min(rest), signal);
        }
    }

    /// Returns after how long to call [`changes`](Self::changes) even if the callback is not called.
    #[must_use]
    pub fn due_in(&self) -> Duration {
        let mut due_in = rest_of(self.last_full, self.full_interval_now());
        if self.polled().next().is_some() {
            due_in = due_in.min(rest_of(self.last_poll, self.poll_interval));
        }
        if self.events.lock().signal().has_changed {
            due_in = due_in.min(rest_of(self.last_paths, BETWEEN_PATHS));
        }
        due_in
    }

    /// Notes that a look at everything showed that a file has grown. If no event reports that, the folder of the file is polled from then on.
    pub fn note_growth(&mut self, file: &Path) {
        let folder = file.parent().and_then(|folder| self.folders.get(folder));
        // The file may have grown before the folder was watched.
        let was_watched = match folder {
            Some(Folder::Watched { since, .. }) => self
                .previous_full
                .is_some_and(|previous| *since <= previous),
            _ => false,
        };
        if was_watched
            && self.unconfirmed.len() < MAX_UNCONFIRMED
            && !self.events.lock().heard.contains(file)
        {
            let now = Instant::now();
            self.unconfirmed.entry(file.to_owned()).or_insert(now);
        }
    }

    /// Returns the folders that are polled.
    pub fn polled(&self) -> impl Iterator<Item = &Path> {
        let polled = self.folders.iter();
        let polled = polled.filter(|(_, folder)| !matches!(folder, Folder::Watched { .. }));
        polled.map(|(path, _)| path.as_path())
    }

    /// Returns the present interval between looks at everything.
    fn full_interval_now(&self) -> Duration {
        let is_watching = self.folders.len() > self.polled().count();
        match is_watching && !self.events.lock().has_lost_track {
            true => self.full_interval,
            false => self.poll_interval,
        }
    }

    /// Has folders polled in which files grew without an event.
    fn find_silent(&mut self) {
        if self.unconfirmed.is_empty() {
            return;
        }
        let state = self.events.lock();
        let mut silent = BTreeSet::new();
        self.unconfirmed.retain(|file, since| {
            let is_silent = since.elapsed() >= GRACE && !state.heard.contains(file);
            if is_silent && let Some(folder) = file.parent() {
                silent.insert(folder.to_owned());
            }
            !is_silent && !state.heard.contains(file)
        });
        drop(state);
        for path in silent {
            if let Some(folder) = self.folders.get_mut(&path)
                && let Folder::Watched { real, .. } = mem::replace(folder, Folder::Silent)
            {
                self.system.remove(vec![(real, path)]);
            }
        }
    }
}

impl Folder {
    /// Whether this is still the folder at its path.
    fn is_in_place(&self, path: &Path, gone: &BTreeSet<PathBuf>) -> bool {
        match self {
            Self::Watched { real, key, .. } => {
                !gone.contains(real)
                    && fs::metadata(path).is_ok_and(|metadata| FileKey::of(&metadata) == *key)
            }
            Self::Polled | Self::Silent => true,
        }
    }
}

impl fmt::Debug for FolderWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FolderWatch")
            .field("folders", &self.folders.len())
            .field("polled", &self.polled().count())
            .finish_non_exhaustive()
    }
}

fn is_due(last: Option<Instant>, interval: Duration) -> bool {
    rest_of(last, interval).is_zero()
}

fn rest_of(last: Option<Instant>, interval: Duration) -> Duration {
    last.map_or(Duration::ZERO, |last| {
        interval.saturating_sub(last.elapsed())
    })
}
