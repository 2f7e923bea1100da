//! `log`'s maximum level, which follows that of `tracing`.
//!
//! `tracing` computes its maximum anew when a subscriber is made or a filter is reloaded, and tells nobody. But it asks all
//! call sites' interest anew just before: so one that never logs is there to hear of it. As the new maximum is not set by
//! then, `log` lets everything through for a while, and the first record after that settles it.

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

/// For so long a change is taken to be under way, in milliseconds: asking all call sites takes far less.
const UNDER_WAY_MS: u64 = 1_000;

static IS_FOLLOWING: AtomicBool = AtomicBool::new(false);

/// Until when a change may be under way, in milliseconds since [`START`]; zero where none is.
static UNDER_WAY_UNTIL: AtomicU64 = AtomicU64::new(0);

/// The maximum that `log` was given last, as an index of [`LEVELS`].
static GIVEN: AtomicUsize = AtomicUsize::new(usize::MAX);

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Makes `log` follow from now on.
pub(super) fn start_following() {
    static REGISTERED: Once = Once::new();
    IS_FOLLOWING.store(true, SeqCst);
    // It hears of its own registration first.
    REGISTERED.call_once(|| callsite::register(&LISTENER));
    settle(LevelFilter::current());
}

/// Settles `log`'s maximum, if it is not: for each record that comes.
#[inline]
pub(super) fn follow() {
    if !IS_FOLLOWING.load(Relaxed) {
        return;
    }
    let is_settled =
        UNDER_WAY_UNTIL.load(Relaxed) == 0 && GIVEN.load(Relaxed) == index(LevelFilter::current());
    if !is_settled {
        follow_now();
    }
}

#[cold]
fn follow_now() {
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
    // Never zero, which says that nothing is under way.
    u64::try_from(START.elapsed().as_millis()).map_or(u64::MAX, |ms| ms.saturating_add(1))
}

/// `tracing`'s level for one of `log`.
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

/// The call site that hears of changes.
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
