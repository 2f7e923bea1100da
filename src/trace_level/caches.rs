//! Makes `tracing` ask the filters about events that it would skip, while any trace has a level.
//!
//! `tracing` caches for each call site whether any filter wants its events, and the highest level of all filters. A
//! [`TraceLevelFilter`](crate::TraceLevelFilter) claims to want all events up to [`RAISED`]. Whenever that changes, the caches are computed
//! again. `log`'s maximum level follows that of `tracing` by itself (`bridge/log/level.rs`).
//!
//! Computing the caches runs the filters of the application, and takes a lock of `tracing`. So no lock is held here meanwhile, and it
//! only happens where the subscriber of this thread can be reached. While `tracing` calls a scoped subscriber, none is current, and all
//! call sites would count as disabled.

use super::table;
use std::{
    sync::{
        LazyLock,
        atomic::{
            AtomicU8, AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
    },
    time::Instant,
};
use tracing_core::{Dispatch, Level, LevelFilter, callsite, dispatcher, subscriber::NoSubscriber};

/// How long no trace must have had a level before the caches are restored, in milliseconds. So they are not computed for each of several
/// requests that follow one another.
const QUIET_MS: u64 = 2_000;

/// How often this is checked at most, in milliseconds.
const CHECK_MS: u64 = 500;

/// The [`rank`] up to which filters claim to want events. Zero while the caches are as without this feature.
static RAISED: AtomicU8 = AtomicU8::new(0);

/// The rank for which the caches have been computed.
static APPLIED: AtomicU8 = AtomicU8::new(0);

/// The number of changes to [`RAISED`], so that a thread that computes the caches notices a change meanwhile.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// When a trace last got or lost a level, and when this was last compared with [`QUIET_MS`], in milliseconds since [`START`].
static LAST_USE: AtomicU64 = AtomicU64::new(0);
static LAST_CHECK: AtomicU64 = AtomicU64::new(0);

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

fn now_ms() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn rank(level: Level) -> u8 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

/// Returns whether events of this level reach the filters only because some trace has a level, or had one shortly before.
#[inline]
pub(crate) fn is_raised_to(level: Level) -> bool {
    let raised = RAISED.load(Relaxed);
    raised != 0 && raised >= rank(level)
}

/// The level up to which filters claim to want events, for their hint about the maximum level.
pub(crate) fn raised_max_level() -> LevelFilter {
    match RAISED.load(SeqCst) {
        0 => LevelFilter::OFF,
        1 => LevelFilter::ERROR,
        2 => LevelFilter::WARN,
        3 => LevelFilter::INFO,
        4 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

/// Notes that a trace has got or lost a level.
pub(super) fn note_use() {
    LAST_USE.store(now_ms(), Relaxed);
}

/// Lets events up to this level reach the filters. Call it after a trace with this level was added to the table.
pub(super) fn raise(level: Level) {
    note_use();
    let rank = rank(level);
    if APPLIED.load(SeqCst) >= rank || !can_rebuild() {
        return;
    }
    RAISED.fetch_max(rank, SeqCst);
    CHANGES.fetch_add(1, SeqCst);
    rebuild();
    APPLIED.fetch_max(rank, SeqCst);
}

/// Restores the caches if no trace has had a level for a while. This is a single atomic load if they are as without this feature. Do not
/// call it where the lock of a `reload` layer may be held.
#[inline]
pub(crate) fn settle() {
    if RAISED.load(Relaxed) != 0 {
        settle_now_and_then();
    }
}

#[cold]
fn settle_now_and_then() {
    let (now, checked) = (now_ms(), LAST_CHECK.load(Relaxed));
    if now < checked.saturating_add(CHECK_MS)
        || LAST_CHECK
            .compare_exchange(checked, now, SeqCst, Relaxed)
            .is_err()
    {
        return;
    }
    table::remove_ended();
    let is_quiet = now >= LAST_USE.load(Relaxed).saturating_add(QUIET_MS);
    if is_quiet && table::is_empty() && can_rebuild() {
        lower();
    }
}

fn lower() {
    let before = RAISED.load(SeqCst);
    // A trace that is added to the table after this does not rely on the caches. One that was added before is seen below.
    APPLIED.store(0, SeqCst);
    RAISED.store(0, SeqCst);
    let is_used_again = !table::is_empty();
    if is_used_again {
        RAISED.fetch_max(before, SeqCst);
    }
    CHANGES.fetch_add(1, SeqCst);
    rebuild();
    if is_used_again {
        APPLIED.fetch_max(before, SeqCst);
    }
}

/// Whether the subscriber of this thread can be asked.
fn can_rebuild() -> bool {
    !dispatcher::get_default(Dispatch::is::<NoSubscriber>)
}

/// Computes the caches, and again if [`RAISED`] has changed meanwhile: two threads that compute them at once may overwrite the newer
/// value of a call site with the older one.
fn rebuild() {
    loop {
        let changes = CHANGES.load(SeqCst);
        callsite::rebuild_interest_cache();
        if CHANGES.load(SeqCst) == changes {
            return;
        }
    }
}
