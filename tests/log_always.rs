//! `tracing`'s feature `log-always` creates a `log` record for each event, and for each event in a span's life. Both have lines already.
//! `.ci/long` runs this with the feature. Without it, there are no duplicates to remove.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod support;

use log::{Log as _, Record};
use std::sync::{LazyLock, Mutex, PoisonError};
use support::{
    Lines,
    dynamic::{Parent, Site},
};
use tracing::{Span, debug, field::Empty, info, info_span};
use tracing_subscriber::prelude::*;

/// The lines of this process, which one test at a time writes.
static LINES: LazyLock<Mutex<Lines>> = LazyLock::new(|| {
    tracing_stamp::bridge::log::install().expect("no other logger is installed");
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    let filter = tracing_subscriber::filter::LevelFilter::INFO;
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(filter));
    tracing::subscriber::set_global_default(subscriber).expect("no other subscriber is installed");
    Mutex::new(lines)
});

/// Returns the messages that `f` logs.
fn messages(f: impl FnOnce()) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let before = lines.all().len();
    f();
    lines.all()[before..]
        .iter()
        .map(|line| line.get("message").as_str().expect("text").to_owned())
        .collect()
}

#[test]
fn an_event_that_tracing_also_logs_is_written_once() {
    let messages = messages(|| {
        let span = info_span!("request", order = 7);
        span.in_scope(|| {
            (0..3).for_each(|_| info!("an event"));
            debug!("filtered");
            log::info!("a record");
        });
        drop(span);
        // A record that is the copy of no known event is written.
        tracing_stamp::bridge::log::Logger::new().log(
            &Record::builder()
                .args(format_args!("made by hand"))
                .target("hand")
                .file(Some("hand.rs"))
                .line(Some(1))
                .build(),
        );
    });
    assert_eq!(
        messages,
        [
            "an event",
            "an event",
            "an event",
            "a record",
            "made by hand"
        ]
    );
}

#[test]
fn the_creation_of_a_span_is_not_written_after_events_of_thousands_of_call_sites() {
    let open = || -> Span { info_span!("request", order = 7, status = Empty) };
    let messages = messages(|| {
        drop(open());
        for _ in 0..5_000 {
            Site::event(&[]).log(Parent::Current, &[]);
        }
        let span = open();
        info_span!("query", table = "orders").in_scope(|| span.record("status", 200));
    });
    let copies: Vec<&String> = messages.iter().filter(|text| !text.is_empty()).collect();
    assert!(copies.is_empty(), "{copies:?}");
}
