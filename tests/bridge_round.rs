//! `tracing` and slog that forward to each other. Within a scoped subscriber events within events are not seen: so this is one
//! test with a global one, in a process of its own.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot go on says why and fails"
)]

mod support;

use slog::{Drain, Logger, o};
use std::sync::{Mutex, mpsc};
use support::Lines;
use tracing_stamp::bridge::slog::{SlogLayer, TracingDrain};
use tracing_subscriber::prelude::*;

/// Says when a record has come through.
struct Tell(Mutex<mpsc::Sender<()>>);

impl Drain for Tell {
    type Ok = ();
    type Err = slog::Never;

    fn log(&self, _: &slog::Record<'_>, _: &slog::OwnedKVList) -> Result<(), slog::Never> {
        let _ = self.0.lock().expect("no panic").send(());
        Ok(())
    }
}

#[test]
fn nothing_goes_round_between_tracing_and_slog_on_any_thread() {
    let stamped = Lines::default();
    let (tell, told) = mpsc::channel();
    let tell = Tell(Mutex::new(tell));
    let both = slog::Duplicate::new(TracingDrain::new(), tell);
    let here = Logger::root(TracingDrain::new(), o!());
    let worker = Logger::root(slog_async::Async::new(both.fuse()).build().fuse(), o!());
    tracing::subscriber::set_global_default(
        tracing_subscriber::registry()
            .with(tracing_stamp::layer().with_writer(stamped.clone()))
            .with(SlogLayer::new(here.clone()))
            .with(SlogLayer::new(worker.clone())),
    )
    .expect("the first of this process");

    tracing::info!("from tracing");
    slog::info!(here, "from slog");
    slog::info!(worker, "from slog, through a worker");

    for _ in ["from tracing", "from slog, through a worker"] {
        told.recv().expect("the worker's drain lives");
    }
    // What went round would have gone on to the worker within the records that it has told of.
    assert!(told.try_recv().is_err(), "{}", stamped.text());
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
