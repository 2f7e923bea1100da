use std::time::{Duration, Instant};

/// For how long changes are collected before the next ones are reported.
const PAUSE: Duration = Duration::from_millis(100);
/// For how long events are handled between two pauses.
const BURST: Duration = Duration::from_millis(5);

/// Decides when the thread that receives events pauses.
///
/// inotify has an event for each write, so that busy services would keep that thread busy too. During a pause, the kernel merges successive
/// writes to a file into one event. If too many others are waiting, it drops them and says so. Thus the thread never needs more than a
/// twentieth of a core. Other systems merge events on their own, and some drop them early.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    last_pause: Option<Instant>,
}

impl Pacer {
    /// Returns for how long to pause after an event.
    pub(super) fn pause(&self) -> Option<Duration> {
        let merges_in_pauses = cfg!(any(target_os = "linux", target_os = "android"));
        let is_due = self.last_pause.is_none_or(|last| last.elapsed() >= BURST);
        (merges_in_pauses && is_due).then_some(PAUSE)
    }

    /// Must be called after a pause.
    pub(super) fn paused(&mut self) {
        self.last_pause = Some(Instant::now());
    }
}
