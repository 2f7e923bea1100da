//! Lines that were left out are reported, also if no other line follows.

use super::{
    HOUR, is_summary,
    support::{Line, Lines, context},
    suppressed,
};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};
use tracing::Dispatch;
use tracing_stamp::{Burst, Schema, StampLayer};
use tracing_subscriber::{fmt::MakeWriter, prelude::*};

fn storm() {
    (0..100).for_each(|_| tracing::warn!(target: "shop::db", "connection slow"));
}

fn limited() -> StampLayer {
    tracing_stamp::layer().with_burst(Burst::per_call_site(1, HOUR))
}

fn dispatch(layer: StampLayer, lines: &Lines) -> Dispatch {
    Dispatch::new(tracing_subscriber::registry().with(layer.with_writer(lines.clone())))
}

/// Waits until there is another line than those so far. Returns it, and how long that took.
fn next_line(lines: &Lines, so_far: usize) -> (Line, Duration) {
    let begin = Instant::now();
    loop {
        let all = lines.all();
        let took = begin.elapsed();
        if all.len() > so_far {
            assert_eq!(all.len(), so_far + 1, "{}", lines.text());
            return (all[so_far].clone(), took);
        }
        assert!(took < Duration::from_secs(60), "{}", lines.text());
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn where_no_line_follows_a_line_of_its_own_reports_the_number_after_seconds() {
    let lines = Lines::default();
    let layer = limited()
        .with_context_source(context)
        .with_resource([("service.name", "orders")])
        .with_file(true);
    let dispatch = dispatch(layer, &lines);
    tracing::dispatcher::with_default(&dispatch, storm);
    assert_eq!(lines.all().len(), 1);
    let (line, took) = next_line(&lines, 1);
    assert!(took > Duration::from_secs(1), "{took:?}");
    let keys = [
        "timestamp",
        "level",
        "message",
        "target",
        "service.name",
        "file",
        "suppressed",
    ];
    assert_eq!(line.keys(), keys);
    assert!(is_summary(&line));
    assert_eq!(line.get("level"), "WARN");
    assert_eq!(line.get("target"), "shop::db");
    assert_eq!(*line.get("file"), file!());
    assert_eq!(suppressed(&line), 99);
    // The thread reports again after it has slept, and nothing twice.
    thread::sleep(Duration::from_millis(1_500));
    tracing::dispatcher::with_default(&dispatch, storm);
    let (line, _) = next_line(&lines, 2);
    assert_eq!(suppressed(&line), 100);
    drop(dispatch);
    assert_eq!(lines.all().len(), 3);
}

#[test]
fn the_rest_is_reported_when_the_layer_is_dropped() {
    let lines = Lines::default();
    let dispatch = dispatch(limited(), &lines);
    tracing::dispatcher::with_default(&dispatch, storm);
    assert_eq!(lines.all().len(), 1);
    drop(dispatch);
    assert_eq!(lines.all().len(), 2);
    assert_eq!(suppressed(&lines.all()[1]), 99);
}

#[test]
fn the_rest_is_reported_when_the_guard_is_dropped() {
    let lines = Lines::default();
    let layer = limited();
    let guard = layer.burst_guard();
    let dispatch = dispatch(layer.with_file(false), &lines);
    tracing::dispatcher::with_default(&dispatch, storm);
    drop(guard);
    assert_eq!(lines.all().len(), 2);
    assert_eq!(suppressed(&lines.all()[1]), 99);
    drop(dispatch);
    assert_eq!(lines.all().len(), 2);
}

#[test]
fn a_guard_of_a_layer_without_a_burst_does_nothing() {
    drop(tracing_stamp::layer().burst_guard());
}

#[test]
fn the_line_follows_the_schema() {
    let lines = Lines::default();
    let layer = limited().with_schema(Schema::ecs()).with_record_uid(true);
    let dispatch = dispatch(layer, &lines);
    tracing::dispatcher::with_default(&dispatch, storm);
    drop(dispatch);
    let keys = [
        "@timestamp",
        "log.level",
        "message",
        "ecs.version",
        "log.logger",
        "event.id",
        "suppressed",
    ];
    assert_eq!(lines.all()[1].keys(), keys);
}

/// A writer that panics the first time that the reporter's thread uses it.
#[derive(Clone, Default)]
struct Panicking {
    lines: Lines,
    has_panicked: Arc<AtomicBool>,
}

impl<'a> MakeWriter<'a> for Panicking {
    type Writer = Lines;

    fn make_writer(&'a self) -> Lines {
        let is_reporter = thread::current().name() == Some("tracing-stamp-burst");
        if is_reporter && !self.has_panicked.swap(true, SeqCst) {
            panic!("as the test expects");
        }
        self.lines.clone()
    }
}

#[test]
fn lines_are_reported_after_the_writer_has_panicked() {
    let writer = Panicking::default();
    let layer = limited().with_writer(writer.clone());
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
    tracing::dispatcher::with_default(&dispatch, storm);
    let begin = Instant::now();
    while !writer.has_panicked.load(SeqCst) {
        assert!(begin.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(10));
    }
    tracing::dispatcher::with_default(&dispatch, storm);
    let (line, _) = next_line(&writer.lines, 1);
    assert_eq!(suppressed(&line), 100);
}

/// A writer that fails.
struct Failing;

impl io::Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("as the test expects"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_line_that_cannot_be_written_is_counted_as_lost() {
    let layer = limited().with_diagnostics(|_| ()).with_writer(|| Failing);
    let stats = layer.stats();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, storm);
    assert_eq!(stats.lost(), 2);
}
