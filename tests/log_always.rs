//! `tracing`'s feature `log-always` creates a `log` record for each event, and for each event in a span's life. Both have lines already.
//! `.ci/long` runs this with the feature. Without it, there are no duplicates to remove.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod support;

use log::{Log as _, Record};
use support::Lines;
use tracing::{debug, info, info_span};
use tracing_subscriber::prelude::*;

#[test]
fn an_event_that_tracing_also_logs_is_written_once() {
    tracing_stamp::bridge::log::install().expect("no other logger is installed");
    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    let filter = tracing_subscriber::filter::LevelFilter::INFO;
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(filter));
    tracing::subscriber::set_global_default(subscriber).expect("no other subscriber is installed");

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
    let messages: Vec<String> = lines
        .all()
        .iter()
        .map(|line| line.get("message").as_str().expect("text").to_owned())
        .collect();
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
