//! The levels of all traces of the process.

use std::{
    collections::BTreeMap,
    sync::{
        PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use tracing_core::Level;

/// The maximum number of levels at a time.
const MAX_LEVELS: usize = 1_024;

/// The time after which a level ends, even if whatever set it is still there.
const MAX_AGE: Duration = Duration::from_secs(600);

static LEVELS: RwLock<BTreeMap<u128, Vec<TraceLevel>>> = RwLock::new(BTreeMap::new());

/// The number of levels in the table, including those that have ended by their age.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A level of one trace. A trace has several if several requests of it are served at once.
struct TraceLevel {
    id: u64,
    level: Level,
    ends: Instant,
}

fn read() -> RwLockReadGuard<'static, BTreeMap<u128, Vec<TraceLevel>>> {
    LEVELS.read().unwrap_or_else(PoisonError::into_inner)
}

fn write() -> RwLockWriteGuard<'static, BTreeMap<u128, Vec<TraceLevel>>> {
    LEVELS.write().unwrap_or_else(PoisonError::into_inner)
}

/// Returns whether no trace has a level. This is a single atomic load.
#[inline]
pub(super) fn is_empty() -> bool {
    COUNT.load(SeqCst) == 0
}

/// Returns the most verbose level of a trace.
pub(super) fn level_of(trace: u128) -> Option<Level> {
    if is_empty() {
        return None;
    }
    let table = read();
    let levels = table.get(&trace)?;
    let now = Instant::now();
    let current = levels.iter().filter(|entry| entry.ends > now);
    current.map(|entry| entry.level).max()
}

/// Adds a level, in place of the trace's level with this id if there is one. Returns `false` if the table is full.
pub(super) fn insert(trace: u128, id: u64, level: Level) -> bool {
    let now = Instant::now();
    let mut table = write();
    if COUNT.load(SeqCst) >= MAX_LEVELS {
        remove_ended_from(&mut table, now);
    }
    let is_full = COUNT.load(SeqCst) >= MAX_LEVELS;
    let entry = TraceLevel {
        id,
        level,
        ends: now + MAX_AGE,
    };
    if let Some(known) = table.get_mut(&trace).and_then(|levels| find(levels, id)) {
        *known = entry;
        return true;
    }
    if !is_full {
        table.entry(trace).or_default().push(entry);
        COUNT.fetch_add(1, SeqCst);
    }
    !is_full
}

fn find(levels: &mut [TraceLevel], id: u64) -> Option<&mut TraceLevel> {
    levels.iter_mut().find(|entry| entry.id == id)
}

/// Removes the level with this id.
pub(super) fn remove(trace: u128, id: u64) {
    let mut table = write();
    let Some(levels) = table.get_mut(&trace) else {
        return;
    };
    if retain(levels, |entry| entry.id != id) {
        table.remove(&trace);
    }
}

/// Removes the levels that have ended by their age.
pub(super) fn remove_ended() {
    remove_ended_from(&mut write(), Instant::now());
}

fn remove_ended_from(table: &mut BTreeMap<u128, Vec<TraceLevel>>, now: Instant) {
    table.retain(|_, levels| !retain(levels, |entry| entry.ends > now));
}

/// Removes levels of a trace, and returns whether none is left.
fn retain(levels: &mut Vec<TraceLevel>, stays: impl FnMut(&TraceLevel) -> bool) -> bool {
    let before = levels.len();
    levels.retain(stays);
    COUNT.fetch_sub(before - levels.len(), SeqCst);
    levels.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    // One test, since the table is one of the process.
    #[test]
    fn a_trace_has_its_most_verbose_level_and_the_table_is_limited() {
        let trace = 7;
        assert!(insert(trace, 1, Level::INFO) && insert(trace, 2, Level::DEBUG));
        assert_eq!(level_of(trace), Some(Level::DEBUG));
        assert!(insert(trace, 2, Level::WARN), "it replaces the level");
        assert_eq!(level_of(trace), Some(Level::INFO));
        remove(trace, 1);
        assert_eq!(level_of(trace), Some(Level::WARN));
        remove(trace, 2);
        remove(trace, 2);
        assert_eq!(level_of(trace), None);
        assert!(is_empty() && read().is_empty());

        for trace in 0..MAX_LEVELS as u128 {
            assert!(insert(trace, 1, Level::DEBUG));
        }
        assert!(!insert(u128::MAX, 1, Level::DEBUG), "the table is full");
        assert_eq!(level_of(u128::MAX), None);
        remove_ended_from(&mut write(), Instant::now() + MAX_AGE);
        assert!(is_empty() && read().is_empty(), "all have ended");
    }
}
