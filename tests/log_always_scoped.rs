//! `tracing`'s feature `log-always` creates a `log` record while it calls the subscriber. In this process, the first record is one of these,
//! and the subscriber is scoped. `.ci/long` runs this with the feature.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod support;

use support::Lines;
use tracing::info_span;
use tracing_subscriber::prelude::*;

#[test]
fn the_first_record_of_the_process_may_be_the_copy_of_a_span_of_a_scoped_subscriber() {
    tracing_stamp::bridge::log::install().expect("no other logger is installed");
    let begin = std::sync::Barrier::new(4);
    let log = || {
        let lines = Lines::default();
        let layer = tracing_stamp::layer()
            .with_diagnostics(|_| ())
            .with_writer(lines.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            begin.wait();
            drop(info_span!("request"));
            tracing::info!("an event");
        });
        lines.all().len()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(log)).collect();
        for thread in threads {
            assert_eq!(thread.join().ok(), Some(1));
        }
    });
}
