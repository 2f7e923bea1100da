//! One subscriber for all threads of the process, as in a service: OpenTelemetry's layer between two stamping layers, which must
//! agree. Tests run concurrently, so each uses its own messages and span names.

use super::support::{Exported, Line, Lines};
use opentelemetry_sdk::trace::SpanData;
use serde_json::Value;
use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::{Builder, Runtime};
use tracing::{Span, info, info_span};
use tracing_subscriber::{Layer as _, filter::filter_fn, prelude::*};

/// A trace id and a span id, as a line has them.
pub(crate) type Ids = Option<(String, String)>;

/// Spans of this target are hidden from OpenTelemetry's layer.
pub(crate) const HIDDEN: &str = "hidden";

/// Far longer than any machine needs. Only a deadlock reaches it.
const TIMEOUT: Duration = Duration::from_secs(60);

struct Stage {
    exported: Exported,
    lines: [Lines; 2],
}

static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let stage = Stage {
        exported: Exported::new(),
        lines: Default::default(),
    };
    let [before, after] = stage.lines.clone();
    let opentelemetry = tracing_opentelemetry::layer()
        .with_tracer(stage.exported.tracer())
        .with_filter(filter_fn(|metadata| metadata.target() != HIDDEN));
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::layer().with_writer(before))
        .with(opentelemetry)
        .with(tracing_stamp::layer().with_writer(after));
    tracing::subscriber::set_global_default(subscriber).expect("no other subscriber is installed");
    // A layer before OpenTelemetry's cannot know the ids of the very first span.
    info_span!("warm-up").in_scope(|| info!("warm-up"));
    stage
});

/// Installs the subscriber. For a test that logs before it creates a request or a runtime.
pub(crate) fn set() {
    LazyLock::force(&STAGE);
}

/// Creates the span of a request. Each test must use its own name.
pub(crate) fn request(name: &'static str) -> Span {
    set();
    info_span!("request", otel.name = name, request = name)
}

/// Creates a runtime with several threads, between which tasks move.
pub(crate) fn runtime() -> Runtime {
    set();
    Builder::new_multi_thread()
        .worker_threads(3)
        .build()
        .expect("a runtime")
}

/// Returns the only line with this message.
#[track_caller]
pub(crate) fn line(message: &str) -> Line {
    let [before, after] = &STAGE.lines;
    let (line, other) = (before.with_message(message), after.with_message(message));
    for key in ["trace_id", "span_id", "trace_flags", "span_name"] {
        assert_eq!(
            line.get(key),
            other.get(key),
            "the layers differ on {message:?}"
        );
    }
    line
}

/// Returns the ids on the only line with this message.
#[track_caller]
pub(crate) fn ids(message: &str) -> Ids {
    line(message).ids()
}

/// Returns the only exported span with this name, once it has ended.
#[track_caller]
pub(crate) fn exported(name: &str) -> SpanData {
    wait_until(|| has_ended(name));
    STAGE.exported.span(name)
}

/// Returns the exported ids of the only span with this name, once it has ended.
#[track_caller]
pub(crate) fn exported_ids(name: &str) -> Ids {
    exported(name);
    STAGE.exported.ids(name)
}

pub(crate) fn has_ended(name: &str) -> bool {
    STAGE.exported.spans().iter().any(|span| span.name == name)
}

#[track_caller]
pub(crate) fn wait_until(condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < TIMEOUT, "timed out");
        thread::yield_now();
    }
}

/// Asserts that the line has the exported ids of the request's span, its name and its field.
#[track_caller]
pub(crate) fn assert_of(request: &str, message: &str) {
    let line = line(message);
    let ids = exported_ids(request);
    assert!(ids.is_some());
    assert_eq!(line.ids(), ids, "{message}");
    assert_eq!(line.get("span_name"), "request", "{message}");
    assert_eq!(line.get("request"), request, "{message}");
}

/// Asserts that the line belongs to no span and no trace.
#[track_caller]
pub(crate) fn assert_of_none(message: &str) {
    let line = line(message);
    assert_eq!(line.ids(), None, "{message}");
    assert_eq!(line.get("span_name"), &Value::Null, "{message}");
}

/// Logs when it is dropped.
pub(crate) struct Farewell(pub(crate) &'static str);

impl Drop for Farewell {
    fn drop(&mut self) {
        info!("{}", self.0);
    }
}

/// A flag that one thread raises and another waits for.
#[derive(Clone, Default)]
pub(crate) struct Flag(Arc<AtomicBool>);

impl Flag {
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    #[track_caller]
    pub(crate) fn wait(&self) {
        wait_until(|| self.0.load(Ordering::Acquire));
    }
}
