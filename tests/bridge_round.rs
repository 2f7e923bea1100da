//! `tracing` and slog pass records to each other. With a scoped subscriber, events within events are not seen, so this is a single
//! test with a global subscriber, in a separate process.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod support;

use slog::{Drain, Logger, o};
use std::sync::{Mutex, mpsc};
use support::Lines;
use tracing_stamp::bridge::slog::{SlogLayer, TracingDrain};
use tracing_subscriber::prelude::*;

/// A drain that reports each record to a channel.
struct Notify(Mutex<mpsc::Sender<()>>);

impl Drain for Notify {
    type Ok = ();
    type Err = slog::Never;

    fn log(&self, _: &slog::Record<'_>, _: &slog::OwnedKVList) -> Result<(), slog::Never> {
        let _ = self.0.lock().expect("no panic").send(());
        Ok(())
    }
}

#[test]
fn no_record_loops_between_tracing_and_slog_on_any_thread() {
    let stamped = Lines::default();
    let (sender, notified) = mpsc::channel();
    let notify = Notify(Mutex::new(sender));
    let both = slog::Duplicate::new(TracingDrain::new(), notify);
    let here = Logger::root(TracingDrain::new(), o!());
    let worker = Logger::root(slog_async::Async::new(both.fuse()).build().fuse(), o!());
    tracing::subscriber::set_global_default(
        tracing_subscriber::registry()
            .with(tracing_stamp::layer().with_writer(stamped.clone()))
            .with(SlogLayer::new(here.clone()))
            .with(SlogLayer::new(worker.clone())),
    )
    .expect("no other subscriber is installed");

    tracing::info!("from tracing");
    slog::info!(here, "from slog");
    slog::info!(worker, "from slog, through a worker");

    for _ in ["from tracing", "from slog, through a worker"] {
        notified.recv().expect("the worker's drain lives");
    }
    // A looping record would have reached the worker before the records that were just received.
    assert!(notified.try_recv().is_err(), "{}", stamped.text());
    let mut messages: Vec<_> = stamped
        .all()
        .iter()
        .map(|line| line.get("message").to_string())
        .collect();
    messages.sort();
    assert_eq!(
        messages,
        [
            r#""from slog""#,
            r#""from slog, through a worker""#,
            r#""from tracing""#
        ]
    );
}
