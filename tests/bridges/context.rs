//! Ids are read on the calling thread, and queues can treat levels differently when they overflow.

use super::support::{Exported, Line, Lines};
use opentelemetry::trace::TracerProvider as _;
use slog::{Drain, Level, LevelFilter, Logger, o};
use slog_async::{Async, OverflowStrategy};
use std::{
    io::{self, LineWriter},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};
use tracing::{info, info_span};
use tracing_stamp::{
    TraceContext,
    bridge::{
        log::Logger as LogLogger,
        slog::{TraceIdDrain, TracingDrain},
    },
    opentelemetry::trace::{SpanId, TraceFlags, TraceId},
};
use tracing_subscriber::prelude::*;

/// Runs a closure under a subscriber that gives spans their ids.
fn traced<T>(exported: &Exported, lines: &Lines, run: impl FnOnce() -> T) -> T {
    let subscriber = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(exported.provider.tracer("test")))
        .with(tracing_stamp::layer().with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, run)
}

/// A gate that is closed until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn open(&self) {
        *self.0.0.lock().expect("no panic") = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let is_open = self.0.0.lock().expect("no panic");
        let timeout = Duration::from_secs(60);
        let waited = self
            .0
            .1
            .wait_timeout_while(is_open, timeout, |is_open| !*is_open);
        assert!(
            !waited.expect("no panic").1.timed_out(),
            "nobody opened the gate"
        );
    }
}

/// A writer that waits at a gate before each line.
struct Gated(Gate, Lines);

impl io::Write for Gated {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.wait();
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn with_message(lines: &Lines, key: &str, message: &str) -> Line {
    let mut found = lines.all();
    found.retain(|line| line.get(key) == message);
    assert_eq!(found.len(), 1, "{message:?} in {}", lines.text());
    found.remove(0)
}

#[test]
fn records_carry_the_ids_of_the_span_they_are_logged_in() {
    let exported = Exported::new();
    let lines = Lines::default();
    log::set_max_level(log::LevelFilter::Trace);
    traced(&exported, &lines, || {
        let root = Logger::root(TracingDrain::new(), o!());
        let outer = info_span!("outer").entered();
        log::info!(logger: LogLogger::new(), "log in the outer");
        info_span!("inner").in_scope(|| slog::info!(root, "slog in the inner"));
        drop(outer);
        slog::info!(root, "slog outside");
    });
    assert_eq!(
        lines.with_message("log in the outer").ids(),
        exported.ids("outer")
    );
    assert_eq!(
        lines.with_message("slog in the inner").ids(),
        exported.ids("inner")
    );
    assert_eq!(lines.with_message("slog outside").ids(), None);
}

#[test]
fn ids_are_read_on_the_calling_thread() {
    let exported = Exported::new();
    let gate = Gate::default();
    let lines = Lines::default();
    let json = slog_json::Json::default(Gated(gate.clone(), lines.clone()));
    let worker = Async::new(Mutex::new(json).map(slog::Fuse)).build();
    let root = Logger::root(TraceIdDrain::new(worker).fuse(), o!("service" => "orders"));
    traced(&exported, &Lines::default(), || {
        let outer = info_span!("outer").entered();
        slog::info!(root, "in the outer"; "order" => 7);
        info_span!("inner").in_scope(|| slog::info!(root.new(o!("child" => 1)), "in the inner"));
        drop(outer);
        slog::info!(root, "outside");
        // By the time the worker writes, all spans are exited and closed.
        assert_eq!(exported.spans().len(), 2);
        assert_eq!(lines.text(), "");
    });
    gate.open();
    drop(root);
    assert_eq!(
        with_message(&lines, "msg", "in the outer").ids(),
        exported.ids("outer")
    );
    assert_eq!(
        with_message(&lines, "msg", "in the outer").get("trace_flags"),
        "01"
    );
    assert_eq!(with_message(&lines, "msg", "in the outer").get("order"), 7);
    assert_eq!(
        with_message(&lines, "msg", "in the inner").ids(),
        exported.ids("inner")
    );
    assert_eq!(with_message(&lines, "msg", "in the inner").get("child"), 1);
    assert_eq!(with_message(&lines, "msg", "outside").ids(), None);
    assert!(!with_message(&lines, "msg", "outside").has("trace_flags"));
}

#[test]
fn bunyan_lines_carry_the_ids_too() {
    let exported = Exported::new();
    let lines = Lines::default();
    let bunyan = Mutex::new(slog_bunyan::default(lines.clone()));
    let root = Logger::root(TraceIdDrain::new(bunyan).fuse(), o!());
    traced(&exported, &Lines::default(), || {
        info_span!("span").in_scope(|| slog::info!(root, "hello"));
    });
    assert_eq!(
        with_message(&lines, "msg", "hello").ids(),
        exported.ids("span")
    );
}

#[test]
fn the_context_can_come_from_another_source() {
    let lines = Lines::default();
    let context = TraceContext::new(TraceId::from(1), SpanId::from(2), TraceFlags::default());
    let json = Mutex::new(slog_json::Json::default(lines.clone()));
    let drain = TraceIdDrain::new(json).with_context_source(move || context);
    slog::info!(Logger::root(drain.fuse(), o!()), "hello");
    let line = with_message(&lines, "msg", "hello");
    assert_eq!(line.get("trace_id"), "00000000000000000000000000000001");
    assert_eq!(line.get("span_id"), "0000000000000002");
    assert_eq!(line.get("trace_flags"), "00");
}

/// Waits at most half a minute.
fn wait_until(condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// oxidecomputer/propolis#402: with one queue for all levels, an overflow loses errors like any other record.
#[test]
fn an_overflow_loses_no_error_if_errors_have_a_queue_that_blocks() {
    let exported = Exported::new();
    let gate = Gate::default();
    let lines = Lines::default();
    let queue = |strategy| {
        let json = slog_json::Json::default(LineWriter::new(Gated(gate.clone(), lines.clone())));
        Async::new(Mutex::new(json).map(slog::Fuse))
            .chan_size(8)
            .overflow_strategy(strategy)
            .build()
    };
    let errors = LevelFilter::new(queue(OverflowStrategy::Block), Level::Error);
    let others = slog::Filter::new(queue(OverflowStrategy::DropAndReport), |record| {
        !record.level().is_at_least(Level::Error)
    });
    let both = slog::Duplicate::new(errors, others);
    let root = Logger::root(TraceIdDrain::new(both).fuse(), o!());
    traced(&exported, &Lines::default(), || {
        let _span = info_span!("span").entered();
        for number in 0..100 {
            slog::info!(root, "info"; "number" => number);
        }
        let opener = gate.clone();
        // The queue of errors is full before the gate opens, and its callers wait.
        std::thread::spawn(move || opener.open());
        for number in 0..100 {
            slog::error!(root, "error"; "number" => number);
        }
    });
    // `slog-async` reports a loss when it is dropped, but only if the queue has room then.
    wait_until(|| lines.all().iter().any(|line| line.get("msg") == "info"));
    drop(root);
    let mut written = lines.all();
    let all = written.clone();
    written.retain(|line| line.get("msg") == "error");
    let numbers: Vec<_> = written
        .iter()
        .map(|line| line.get("number").as_i64())
        .collect();
    assert_eq!(numbers, (0..100).map(Some).collect::<Vec<_>>());
    assert!(
        written
            .iter()
            .all(|line| line.ids() == exported.ids("span"))
    );
    let reports_a_loss = |line: &Line| {
        line.get("msg")
            .as_str()
            .is_some_and(|text| text.contains("dropped"))
    };
    assert!(
        all.iter().any(reports_a_loss),
        "the loss of other records is reported"
    );
}

#[test]
fn tracing_log_and_slog_have_one_trace_id_within_one_request() {
    let exported = Exported::new();
    let lines = Lines::default();
    log::set_max_level(log::LevelFilter::Trace);
    traced(&exported, &lines, || {
        let root = Logger::root(TracingDrain::new(), o!());
        info_span!("request", request = 1).in_scope(|| {
            info!("tracing");
            log::info!(logger: LogLogger::new(), "log");
            slog::info!(root, "slog");
        });
    });
    for message in ["tracing", "log", "slog"] {
        assert_eq!(lines.with_message(message).ids(), exported.ids("request"));
        assert_eq!(lines.with_message(message).get("request"), 1);
    }
}
