//! The caches of `tracing` and the maximum level of `log`, which are those of the process, so this is the only test here.

use std::{
    io, thread,
    time::{Duration, Instant},
};
use tracing::{
    Level, Metadata,
    callsite::{DefaultCallsite, Identifier},
    debug,
    field::FieldSet,
    info_span,
    metadata::Kind,
};
use tracing_stamp::{setup, trace_level};

static CALLSITE: DefaultCallsite = DefaultCallsite::new(&METADATA);

/// A call site like that of `debug!`.
static METADATA: Metadata<'static> = Metadata::new(
    "detail",
    "shop",
    Level::DEBUG,
    None,
    None,
    None,
    FieldSet::new(&[], Identifier(&CALLSITE)),
    Kind::EVENT,
);

fn is_disabled() -> bool {
    CALLSITE.interest().is_never()
}

/// Whether `log` drops DEBUG records before it calls the logger.
fn is_log_disabled() -> bool {
    log::max_level() < log::LevelFilter::Debug
}

/// Logs until a condition holds, for at most ten seconds.
#[track_caller]
fn log_until(is_met: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_met() {
        assert!(begin.elapsed() < Duration::from_secs(10));
        debug!("not written");
        log::info!("written");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_disabled_event_is_skipped_by_the_caches_unless_a_trace_has_or_had_a_level_shortly_before() {
    let _guard = setup()
        .with_filter("info")
        .with_writer(io::sink())
        .init()
        .expect("valid settings");
    assert!(is_disabled());
    log_until(is_log_disabled);

    let raised = info_span!("verbose").in_scope(|| trace_level::raise(Level::DEBUG));
    assert!(!is_disabled() && !is_log_disabled());
    let begin = Instant::now();
    log_until(|| begin.elapsed() > Duration::from_secs(3));
    assert!(!is_disabled(), "the trace still has a level");
    assert!(!is_log_disabled(), "the trace still has a level");

    drop(raised);
    debug!("not written");
    assert!(!is_disabled(), "the next trace finds the caches ready");
    log_until(is_disabled);
    log_until(is_log_disabled);
    info_span!("verbose").in_scope(|| {
        trace_level::set(Level::DEBUG);
        assert!(!is_disabled() && !is_log_disabled());
    });
}
