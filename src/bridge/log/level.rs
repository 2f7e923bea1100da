//! Keeps `log`'s maximum level equal to that of `tracing`.
//!
//! `tracing` recomputes its maximum level when a subscriber is created or a filter is reloaded, without notifying anyone. But just before
//! that it asks every call site for its interest again, so this module registers a call site that never logs, to be notified. The
//! new maximum is not set at that moment. So `log` first lets every record through, and the first record after
//! [`UNDER_WAY_MS`] sets the exact level.

use std::sync::{
    LazyLock, Once,
    atomic::{
        AtomicBool, AtomicU64, AtomicUsize,
        Ordering::{Relaxed, SeqCst},
    },
};
use std::time::Instant;
use tracing_core::{
    Callsite, Interest, Kind, Level, LevelFilter, Metadata,
    callsite::{self, Identifier},
    field::FieldSet,
};

/// How long a change is assumed to take, in milliseconds. Asking all call sites takes far less.
const UNDER_WAY_MS: u64 = 1_000;

static IS_FOLLOWING: AtomicBool = AtomicBool::new(false);

/// When a change is assumed to be complete, in milliseconds since [`START`]. Zero if there is none.
static UNDER_WAY_UNTIL: AtomicU64 = AtomicU64::new(0);

/// The maximum level last given to `log`, as an [`index`].
static GIVEN: AtomicUsize = AtomicUsize::new(usize::MAX);

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Makes `log`'s maximum level follow from now on.
pub(super) fn start_following() {
    static REGISTERED: Once = Once::new();
    IS_FOLLOWING.store(true, SeqCst);
    // Registering the call site already notifies it once.
    REGISTERED.call_once(|| callsite::register(&LISTENER));
    settle(LevelFilter::current());
}

/// Updates `log`'s maximum level if necessary. Called for each record.
#[inline]
pub(super) fn follow() {
    if !IS_FOLLOWING.load(Relaxed) {
        return;
    }
    let is_current =
        UNDER_WAY_UNTIL.load(Relaxed) == 0 && GIVEN.load(Relaxed) == index(LevelFilter::current());
    if !is_current {
        update();
    }
}

#[cold]
fn update() {
    let until = UNDER_WAY_UNTIL.load(SeqCst);
    if now_ms() < until {
        return;
    }
    if UNDER_WAY_UNTIL
        .compare_exchange(until, 0, SeqCst, SeqCst)
        .is_ok()
    {
        settle(LevelFilter::current());
    }
}

fn settle(level: LevelFilter) {
    GIVEN.store(index(level), SeqCst);
    log::set_max_level(max_of(level));
}

fn now_ms() -> u64 {
    // Never zero, which means that no change is under way.
    u64::try_from(START.elapsed().as_millis()).map_or(u64::MAX, |ms| ms.saturating_add(1))
}

/// Returns the `tracing` level for a level of `log`.
#[inline]
pub(super) fn of(level: log::Level) -> Level {
    match level {
        log::Level::Error => Level::ERROR,
        log::Level::Warn => Level::WARN,
        log::Level::Info => Level::INFO,
        log::Level::Debug => Level::DEBUG,
        log::Level::Trace => Level::TRACE,
    }
}

#[inline]
fn index(level: LevelFilter) -> usize {
    match level {
        LevelFilter::OFF => 0,
        LevelFilter::ERROR => 1,
        LevelFilter::WARN => 2,
        LevelFilter::INFO => 3,
        LevelFilter::DEBUG => 4,
        LevelFilter::TRACE => 5,
    }
}

fn max_of(level: LevelFilter) -> log::LevelFilter {
    match level {
        LevelFilter::OFF => log::LevelFilter::Off,
        LevelFilter::ERROR => log::LevelFilter::Error,
        LevelFilter::WARN => log::LevelFilter::Warn,
        LevelFilter::INFO => log::LevelFilter::Info,
        LevelFilter::DEBUG => log::LevelFilter::Debug,
        LevelFilter::TRACE => log::LevelFilter::Trace,
    }
}

/// The call site that is notified of changes.
struct Listener;

static LISTENER: Listener = Listener;

static METADATA: Metadata<'static> = Metadata::new(
    "log level",
    "tracing_stamp",
    Level::ERROR,
    None,
    None,
    None,
    FieldSet::new(&[], Identifier(&LISTENER)),
    Kind::EVENT,
);

impl Callsite for Listener {
    fn set_interest(&self, _: Interest) {
        if IS_FOLLOWING.load(SeqCst) {
            UNDER_WAY_UNTIL.store(now_ms().saturating_add(UNDER_WAY_MS), SeqCst);
            log::set_max_level(log::LevelFilter::Trace);
        }
    }

    fn metadata(&self) -> &Metadata<'_> {
        &METADATA
    }
}
