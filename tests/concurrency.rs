//! A million lines from threads, and from tasks that move between threads. Each line is whole and has its own ids.

mod support;

use std::{
    cell::Cell,
    collections::HashSet,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};
use support::Line;
use tokio::{runtime, task::yield_now};
use tracing::{Dispatch, Instrument as _, dispatcher::DefaultGuard};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_stamp::{
    Stats,
    opentelemetry::{
        Context,
        trace::{
            SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
            TracerProvider as _,
        },
    },
};
use tracing_subscriber::{fmt::MakeWriter, prelude::*};

/// A writer that checks each line and keeps none.
#[derive(Clone, Default)]
struct Checker(Arc<Mutex<Checked>>);

#[derive(Default)]
struct Checked {
    /// The bytes after the last newline.
    rest: Vec<u8>,
    lines: u64,
    /// The trace ids seen so far.
    traces: HashSet<String>,
}

/// One line in this many is parsed. Parsing all of them would take minutes without optimisation.
const PARSED: u64 = 512;

impl Checker {
    fn state(&self) -> MutexGuard<'_, Checked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Checked {
    fn take(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            self.check(str::from_utf8(&line[..end]).expect("text"));
        }
    }

    fn check(&mut self, line: &str) {
        assert!(
            line.starts_with("{\"timestamp\":\"") && line.ends_with('}'),
            "{line}"
        );
        let trace = only(line, "\"trace_id\":\"");
        assert_eq!(trace, only(line, "\"own_trace\":\""), "{line}");
        assert_eq!(
            only(line, "\"span_id\":\""),
            only(line, "\"own_span\":\""),
            "{line}"
        );
        if !self.traces.contains(trace) {
            self.traces.insert(trace.to_owned());
        }
        if self.lines.is_multiple_of(PARSED) {
            let line = Line::parse(line);
            assert_eq!(line.get("own_trace"), line.get("trace_id"));
            assert_eq!(line.get("message"), "working");
        }
        self.lines += 1;
    }
}

/// Returns the text of the only member that starts with `key`.
fn only<'a>(line: &'a str, key: &str) -> &'a str {
    let (_, rest) = line
        .split_once(key)
        .unwrap_or_else(|| panic!("{key} in {line}"));
    assert!(!rest.contains(key), "{line}");
    rest.split_once('"').expect("a string ends").0
}

impl io::Write for Checker {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.state().take(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Checker {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn subscriber(checker: &Checker) -> (Dispatch, Stats) {
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
    let layer = tracing_stamp::layer().with_writer(checker.clone());
    let stats = layer.stats();
    let subscriber = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("test")))
        .with(layer);
    (Dispatch::new(subscriber), stats)
}

/// Creates a span in a trace with a known id, as for a request from another process. The trace id is also a field.
fn request(number: u128) -> tracing::Span {
    let trace = TraceId::from(0x00f0_0000_0000_0000_0000_0000_0000_0000 + number);
    let remote = SpanContext::new(
        trace,
        SpanId::from(0xffff),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    let span = tracing::info_span!("request", own_trace = %trace);
    span.set_parent(Context::new().with_remote_span_context(remote))
        .expect("the span has not started");
    span
}

/// Returns the id of the current span, as a line should have it.
fn own_span() -> SpanId {
    Context::current().span().span_context().span_id()
}

fn assert_checked(checker: &Checker, stats: &Stats, lines: u64, traces: u128) {
    let checked = checker.state();
    assert!(checked.rest.is_empty(), "the last line is whole");
    assert_eq!(checked.lines, lines);
    assert_eq!(u128::try_from(checked.traces.len()), Ok(traces));
    assert_eq!(
        (stats.stamped(), stats.unstamped(), stats.lost()),
        (lines, 0, 0)
    );
}

#[test]
fn no_line_of_eight_threads_is_interleaved_or_has_the_ids_of_another() {
    const THREADS: u128 = 8;
    const REQUESTS: u128 = 125;
    const LINES: u64 = 500;
    let checker = Checker::default();
    let (dispatch, stats) = subscriber(&checker);
    thread::scope(|scope| {
        for number in 0..THREADS {
            let dispatch = &dispatch;
            scope.spawn(move || {
                tracing::dispatcher::with_default(dispatch, || {
                    for request_number in 0..REQUESTS {
                        request(number * REQUESTS + request_number).in_scope(|| {
                            let own_span = own_span();
                            for step in 0..LINES {
                                tracing::info!(%own_span, step, "working");
                            }
                        });
                    }
                });
            });
        }
    });
    let lines = u64::try_from(THREADS * REQUESTS).expect("few") * LINES;
    assert_checked(&checker, &stats, lines, THREADS * REQUESTS);
}

thread_local! {
    /// The test's subscriber, set on each thread of the runtime for its whole life.
    static SUBSCRIBER: Cell<Option<DefaultGuard>> = const { Cell::new(None) };
}

#[test]
fn no_line_of_a_task_that_moves_between_threads_has_the_ids_of_another() {
    const TASKS: u128 = 200;
    const STEPS: u64 = 1_250;
    let checker = Checker::default();
    let (dispatch, stats) = subscriber(&checker);
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .on_thread_start({
            let dispatch = dispatch.clone();
            move || SUBSCRIBER.set(Some(tracing::dispatcher::set_default(&dispatch)))
        })
        .on_thread_stop(|| SUBSCRIBER.set(None))
        .build()
        .expect("a runtime");

    /// Logs in each step once in the request's own span and once in a child span. Returns how often the task woke on another thread.
    async fn work(steps: u64) -> u64 {
        let mut moves = 0;
        for step in 0..steps {
            let before = thread::current().id();
            let outer = own_span();
            tracing::info!(own_span = %outer, step, "working");
            let inner = tracing::info_span!("step", own_span = tracing::field::Empty);
            async {
                tracing::Span::current().record("own_span", tracing::field::display(own_span()));
                yield_now().await;
                tracing::info!(step, "working");
            }
            .instrument(inner)
            .await;
            moves += u64::from(thread::current().id() != before);
        }
        moves
    }

    let moves: u64 = runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|number| {
                tokio::spawn(async move {
                    // Created on a thread of the runtime, which has the subscriber.
                    let span = request(number);
                    work(STEPS).instrument(span).await
                })
            })
            .collect();
        let mut moves = 0;
        for task in tasks {
            moves += task.await.expect("no panic");
        }
        moves
    });
    drop(runtime);
    assert!(moves > 0, "at least one task moved to another thread");
    let lines = u64::try_from(TASKS).expect("few") * STEPS * 2;
    assert_checked(&checker, &stats, lines, TASKS);
}
