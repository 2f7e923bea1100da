//! Events passed from `tracing` to slog, with the fields of their spans and their ids. No record returns to where it came from.

use super::support::{Exported, Line, Lines, dynamic::Chain};
use opentelemetry::trace::TracerProvider as _;
use slog::{Drain, Level, Logger, OwnedKVList, Record, o};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use tracing::{Subscriber, info, info_span};
use tracing_stamp::bridge::{
    log::Logger as LogLogger,
    slog::{SlogLayer, TraceIdDrain, TracingDrain},
};
use tracing_subscriber::{Layer, prelude::*, registry::LookupSpan};

fn json(lines: &Lines) -> Logger {
    let json = slog_json::Json::default(std::io::LineWriter::new(lines.clone()));
    Logger::root(Mutex::new(json).fuse(), o!("service" => "orders"))
}

fn otel<S>(exported: &Exported) -> impl Layer<S>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    tracing_stamp::otel_layer(exported.provider.tracer("test"), |layer| layer)
}

fn with_msg(lines: &Lines, message: &str) -> Line {
    let mut found = lines.all();
    found.retain(|line| line.get("msg") == message);
    assert_eq!(found.len(), 1, "{message:?} in {}", lines.text());
    found.remove(0)
}

#[test]
fn events_reach_slog_with_types_span_fields_and_ids() {
    let exported = Exported::new();
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry()
        .with(otel(&exported))
        .with(SlogLayer::new(json(&lines)));
    tracing::subscriber::with_default(subscriber, || {
        let outer =
            info_span!("outer", a = 1, b = 1, c = 1, late = tracing::field::Empty).entered();
        outer.record("late", "recorded");
        outer.record("a", 10);
        info_span!("inner", b = 2, c = 2, trace_id = "mine").in_scope(|| {
            let error = Chain::new(["e", "f"]);
            info!(
                c = 3, ratio = 0.5, wide = u128::MAX, yes = true, user = "alice", debug = ?[1, 2],
                error = &error as &(dyn std::error::Error + 'static),
                "hello {}", "slog"
            );
        });
        info!(parent: &outer, "of the outer");
        info!(parent: None, "of none");
        drop(outer);
    });
    let line = with_msg(&lines, "hello slog");
    assert_eq!(line.ids(), exported.ids("inner"));
    for (key, expected) in [
        ("level", serde_json::json!("INFO")),
        ("service", serde_json::json!("orders")),
        ("a", serde_json::json!(10)),
        ("b", serde_json::json!(2)),
        ("c", serde_json::json!(3)),
        ("late", serde_json::json!("recorded")),
        ("ratio", serde_json::json!(0.5)),
        ("yes", serde_json::json!(true)),
        ("user", serde_json::json!("alice")),
        ("debug", serde_json::json!("[1, 2]")),
        ("error", serde_json::json!("e: f")),
        ("trace_flags", serde_json::json!("01")),
        ("field.trace_id", serde_json::json!("mine")),
    ] {
        assert_eq!(line.get(key), &expected, "{key}");
    }
    assert_eq!(
        with_msg(&lines, "of the outer").ids(),
        exported.ids("outer")
    );
    assert_eq!(with_msg(&lines, "of the outer").get("a"), 10);
    assert_eq!(with_msg(&lines, "of none").ids(), None);
    assert!(!with_msg(&lines, "of none").has("a"));
}

/// Collects what a drain sees of each record.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Drain for Seen {
    type Ok = ();
    type Err = slog::Never;

    fn log(&self, record: &Record<'_>, _: &OwnedKVList) -> Result<(), slog::Never> {
        let (level, module, file) = (record.level().as_str(), record.module(), record.file());
        let (line, tag, message) = (record.line(), record.tag(), record.msg());
        let seen = format!("{level} {module} {file} {line} {tag:?} {message}");
        self.0.lock().expect("no panic").push(seen);
        Ok(())
    }

    fn is_enabled(&self, level: Level) -> bool {
        level.is_at_least(Level::Debug)
    }
}

#[test]
fn level_module_file_line_and_target_are_those_of_the_event() {
    let seen = Seen::default();
    let subscriber = tracing_subscriber::registry().with(SlogLayer::new(seen.clone()));
    let mut first = 0;
    tracing::subscriber::with_default(subscriber, || {
        first = line!() + 1;
        tracing::error!("0");
        tracing::warn!("1");
        tracing::info!(target: "audit", "2");
        tracing::debug!("3");
        tracing::trace!("4: the drain does not want it");
    });
    let (module, file) = (module_path!(), file!());
    let expected: Vec<String> = [
        ("ERROR", ""),
        ("WARNING", ""),
        ("INFO", "audit"),
        ("DEBUG", ""),
    ]
    .iter()
    .zip(0..)
    .map(|((level, tag), index)| {
        format!("{level} {module} {file} {} {tag:?} {index}", first + index)
    })
    .collect();
    assert_eq!(*seen.0.lock().expect("no panic"), expected);
}

#[test]
fn records_of_log_are_passed_to_slog_with_their_types() {
    let lines = Lines::default();
    log::set_max_level(log::LevelFilter::Trace);
    let subscriber = tracing_subscriber::registry().with(SlogLayer::new(json(&lines)));
    tracing::subscriber::with_default(subscriber, || {
        log::info!(logger: LogLogger::new(), order = 7, list:serde = [1, 2]; "hello");
    });
    let line = with_msg(&lines, "hello");
    assert_eq!(line.get("order"), 7);
    assert_eq!(line.get("list"), &serde_json::json!([1, 2]));
}

#[test]
fn with_both_directions_installed_each_record_is_written_once_on_each_side() {
    let stamped = Lines::default();
    let slogged = Lines::default();
    let file = Mutex::new(slog_json::Json::default(std::io::LineWriter::new(
        slogged.clone(),
    )));
    // One logger for everything: it writes to `tracing`, and to its own file.
    let root = Logger::root(
        slog::Duplicate::new(TracingDrain::new(), file.fuse()).fuse(),
        o!(),
    );
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::layer().with_writer(stamped.clone()))
        .with(SlogLayer::new(root.clone()));
    tracing::subscriber::with_default(subscriber, || {
        tracing::info!("from tracing");
        slog::info!(root, "from slog");
    });
    for message in ["from tracing", "from slog"] {
        stamped.with_message(message);
        with_msg(&slogged, message);
    }
    assert_eq!((stamped.all().len(), slogged.all().len()), (2, 2));
}

#[test]
fn with_both_directions_installed_no_record_loops_through_a_worker_thread() {
    let exported = Exported::new();
    let stamped = Lines::default();
    let counted = Arc::new(AtomicUsize::new(0));
    struct Count(Arc<AtomicUsize>);
    impl Drain for Count {
        type Ok = ();
        type Err = slog::Never;

        fn log(&self, _: &Record<'_>, _: &OwnedKVList) -> Result<(), slog::Never> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }
    let subscriber = Arc::new(Mutex::new(None::<tracing::Dispatch>));
    /// Passes records to `tracing` on the worker's thread, under the subscriber of the test.
    struct Under(Arc<Mutex<Option<tracing::Dispatch>>>);
    impl Drain for Under {
        type Ok = ();
        type Err = slog::Never;

        fn log(&self, record: &Record<'_>, loggers: &OwnedKVList) -> Result<(), slog::Never> {
            let dispatch = self
                .0
                .lock()
                .expect("no panic")
                .clone()
                .expect("set before any record");
            tracing::dispatcher::with_default(&dispatch, || {
                TracingDrain::new().log(record, loggers)
            })
        }
    }
    let both = slog::Duplicate::new(Under(Arc::clone(&subscriber)), Count(Arc::clone(&counted)));
    let root = Logger::root(
        TraceIdDrain::new(slog_async::Async::new(both.fuse()).build()).fuse(),
        o!(),
    );
    let dispatch = tracing::Dispatch::new(
        tracing_subscriber::registry()
            .with(otel(&exported))
            .with(tracing_stamp::layer().with_writer(stamped.clone()))
            .with(SlogLayer::new(root.clone())),
    );
    *subscriber.lock().expect("no panic") = Some(dispatch.clone());
    tracing::dispatcher::with_default(&dispatch, || {
        tracing::info!("from tracing");
        slog::info!(root, "from slog");
    });
    // Dropping the worker would wait for the loggers held by the layer and by this test.
    *subscriber.lock().expect("no panic") = Some(tracing::Dispatch::none());
    let start = std::time::Instant::now();
    while counted.load(Ordering::Relaxed) < 2
        && start.elapsed() < std::time::Duration::from_secs(60)
    {
        std::thread::yield_now();
    }
    drop((root, dispatch));
    assert_eq!(counted.load(Ordering::Relaxed), 2);
    stamped.with_message("from tracing");
}

#[test]
fn several_slog_layers_work_side_by_side() {
    let [first, second] = [Lines::default(), Lines::default()];
    let subscriber = tracing_subscriber::registry()
        .with(SlogLayer::new(json(&first)))
        .with(SlogLayer::new(json(&second)));
    tracing::subscriber::with_default(subscriber, || {
        info_span!("span", a = 1).in_scope(|| info!("hello"));
    });
    for lines in [first, second] {
        assert_eq!(with_msg(&lines, "hello").get("a"), 1);
    }
}
