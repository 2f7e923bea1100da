//! Lines that `init` holds.

use crate::{scene::written, support::Lines};
use tracing::{debug, dispatcher::with_default, error, info, info_span};
use tracing_stamp::{Hold, setup::ShutdownGuard};

fn hold(filter: &str, held: &str, hold: Hold) -> (tracing::Dispatch, ShutdownGuard, Lines) {
    let lines = Lines::default();
    let (dispatch, guard) = tracing_stamp::setup()
        .with_filter(filter)
        .with_hold(held, hold)
        .with_writer(lines.clone())
        .build()
        .expect("valid settings");
    (dispatch, guard, lines)
}

#[test]
fn the_filter_decides_what_is_written_and_that_of_hold_what_is_held() {
    let (dispatch, guard, lines) = hold(
        "warn,hold::loud=info",
        "info,hold::setup=debug,other=trace",
        Hold::new(),
    );
    with_default(&dispatch, || {
        info_span!("request").in_scope(|| {
            debug!("a");
            tracing::trace!("never");
            debug!(target: "elsewhere", "never");
            info!("b");
            info!(target: "hold::loud", "c");
            tracing::trace!(target: "other", "d");
            error!("e");
        });
        info!("outside");
    });
    assert_eq!(written(&lines), ["c", "a*", "b*", "d*", "e"]);
    assert_eq!(guard.stats().released(), 3);
}

#[test]
fn a_filter_that_is_replaced_decides_from_then_on() {
    let (dispatch, guard, lines) = hold("info", "debug", Hold::new());
    with_default(&dispatch, || {
        let log = |message| info_span!("request").in_scope(|| debug!("{message}"));
        log("held");
        guard.filter().set("debug").expect("a filter");
        log("written");
        guard.filter().set("warn").expect("a filter");
        log("held");
        guard.filter().set("info,[other]=debug").expect("a filter");
        log("held");
        info_span!("other").in_scope(|| debug!("in the span that the filter names"));
        log("held");
    });
    assert_eq!(
        written(&lines),
        ["written", "in the span that the filter names"]
    );
    assert_eq!(guard.stats().held(), 4);
}

#[test]
fn a_trace_is_released_at_shutdown_only_if_that_is_set() {
    for (settings, expected) in [
        (Hold::new(), vec![]),
        (Hold::new().with_release_at_shutdown(true), vec!["a*"]),
    ] {
        let (dispatch, guard, lines) = hold("info", "debug", settings);
        let request = with_default(&dispatch, || {
            let request = info_span!("request");
            request.in_scope(|| debug!("a"));
            request
        });
        drop(guard);
        assert_eq!(written(&lines), expected);
        drop(request);
    }
}

#[test]
fn a_panic_that_drops_the_guard_releases_all_traces() {
    for (settings, expected) in [
        (Hold::new(), vec!["a*"]),
        (Hold::new().with_release_on_panic(false), vec![]),
    ] {
        let (dispatch, guard, lines) = hold("info", "debug", settings);
        let request = with_default(&dispatch, || {
            let request = info_span!("request");
            request.in_scope(|| debug!("a"));
            request
        });
        let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _guard = guard;
            std::panic::resume_unwind(Box::new(()));
        }));
        assert!(unwound.is_err());
        assert_eq!(written(&lines), expected);
        drop(request);
    }
}

#[test]
fn records_of_log_are_held_too() {
    let (dispatch, _guard, lines) = hold("info", "debug", Hold::new());
    let logger = tracing_stamp::bridge::log::Logger::default();
    let log = |level, text: &str| {
        let arguments = format_args!("{text}").to_string();
        log::Log::log(
            &logger,
            &log::Record::builder()
                .level(level)
                .target("hold::setup")
                .args(format_args!("{arguments}"))
                .build(),
        );
    };
    with_default(&dispatch, || {
        info_span!("request").in_scope(|| {
            log(log::Level::Debug, "a");
            log(log::Level::Error, "b");
        });
    });
    assert_eq!(written(&lines), ["a*", "b"]);
}
