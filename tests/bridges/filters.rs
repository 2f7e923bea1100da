//! The subscriber's filters treat records like events.

use super::support::Lines;
use log::Log as _;
use slog::{Logger, o};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tracing::{Metadata, subscriber::Interest};
use tracing_stamp::bridge::{log::Logger as LogLogger, slog::TracingDrain};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{LevelFilter, Targets, dynamic_filter_fn},
    layer::{Context, Filter},
    prelude::*,
    reload,
};

mod orders {
    pub(super) fn log(root: &slog::Logger) {
        super::log_here!(root);
    }
}

mod payments {
    pub(super) fn log(root: &slog::Logger) {
        super::log_here!(root);
    }
}

/// Logs at three levels through each crate.
macro_rules! log_here {
    ($root:expr) => {
        let logger = tracing_stamp::bridge::log::Logger::new();
        log::debug!(logger: logger, way = "log"; "debug");
        log::info!(logger: logger, way = "log"; "info");
        log::warn!(logger: logger, way = "log"; "warn");
        slog::debug!($root, "debug"; "way" => "slog");
        slog::info!($root, "info"; "way" => "slog");
        slog::warn!($root, "warn"; "way" => "slog");
        tracing::debug!(way = "tracing", "debug");
        tracing::info!(way = "tracing", "info");
        tracing::warn!(way = "tracing", "warn");
    };
}
use log_here;

fn log_all() {
    log::set_max_level(log::LevelFilter::Trace);
    let root = Logger::root(TracingDrain::new(), o!());
    orders::log(&root);
    payments::log(&root);
}

/// Returns the target and message of each line. Asserts that all crates wrote the same lines.
fn written(lines: &Lines) -> Vec<String> {
    let of = |way: &str| -> Vec<String> {
        let mut lines = lines.all();
        lines.retain(|line| line.get("way") == way);
        lines
            .iter()
            .map(|line| format!("{} {}", line.get("target"), line.get("message")))
            .map(|line| line.replace('"', "").replace("bridges::filters::", ""))
            .collect()
    };
    let tracing = of("tracing");
    assert_eq!(tracing, of("log"), "through log");
    assert_eq!(tracing, of("slog"), "through slog");
    tracing
}

#[test]
fn a_global_filter_decides_by_the_target_and_level_of_the_record() {
    for (directives, expected) in [
        ("warn", &["orders warn", "payments warn"][..]),
        (
            "bridges::filters::orders=info",
            &["orders info", "orders warn"],
        ),
        (
            "info,bridges::filters::orders=off",
            &["payments info", "payments warn"],
        ),
        ("off", &[]),
    ] {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::registry()
            .with(EnvFilter::new(directives))
            .with(tracing_stamp::layer().with_writer(lines.clone()));
        tracing::subscriber::with_default(subscriber, log_all);
        assert_eq!(written(&lines), expected, "{directives}");
    }
}

#[test]
fn a_per_layer_filter_decides_for_its_layer() {
    let few = Lines::default();
    let many = Lines::default();
    let dynamic = Lines::default();
    let targets = Targets::new().with_target("bridges::filters::orders", LevelFilter::WARN);
    let subscriber = tracing_subscriber::registry()
        .with(
            tracing_stamp::layer()
                .with_writer(few.clone())
                .with_filter(targets),
        )
        .with(
            tracing_stamp::layer()
                .with_writer(many.clone())
                .with_filter(LevelFilter::INFO),
        )
        .with(
            tracing_stamp::layer()
                .with_writer(dynamic.clone())
                .with_filter(dynamic_filter_fn(|metadata, _| {
                    metadata.target().ends_with("payments")
                })),
        );
    tracing::subscriber::with_default(subscriber, log_all);
    assert_eq!(written(&few), ["orders warn"]);
    assert_eq!(
        written(&many),
        [
            "orders info",
            "orders warn",
            "payments info",
            "payments warn"
        ]
    );
    assert_eq!(
        written(&dynamic),
        ["payments debug", "payments info", "payments warn"]
    );
}

#[test]
fn a_filter_sees_the_fields_of_a_record() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::registry().with(
        tracing_stamp::layer()
            .with_writer(lines.clone())
            .with_filter(tracing_subscriber::filter::filter_fn(|metadata| {
                metadata.fields().field("secret").is_none()
            })),
    );
    tracing::subscriber::with_default(subscriber, || {
        log::set_max_level(log::LevelFilter::Trace);
        let logger = LogLogger::new();
        let root = Logger::root(TracingDrain::new(), o!());
        for _ in 0..2 {
            log::info!(logger: logger, way = "log"; "shown");
            log::info!(logger: logger, way = "log", secret = 1; "hidden");
            slog::info!(root, "shown"; "way" => "slog");
            slog::info!(root, "hidden"; "way" => "slog", "secret" => 1);
            tracing::info!(way = "tracing", "shown");
            tracing::info!(way = "tracing", secret = 1, "hidden");
        }
    });
    assert_eq!(
        written(&lines),
        ["bridges::filters shown", "bridges::filters shown"]
    );
}

#[test]
fn a_filter_that_decides_for_each_event_is_asked_for_each_record() {
    let lines = Lines::default();
    let asked = AtomicUsize::new(0);
    let every_other = dynamic_filter_fn(move |_, _| asked.fetch_add(1, Ordering::Relaxed) % 2 == 1);
    let subscriber = tracing_subscriber::registry()
        .with(every_other)
        .with(tracing_stamp::layer().with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, || {
        log::set_max_level(log::LevelFilter::Trace);
        let logger = LogLogger::new();
        let root = Logger::root(TracingDrain::new(), o!());
        for number in 0..6 {
            log::info!(logger: logger, number; "log");
        }
        // A record without key-values has one call site, about which the filter is asked once.
        for _ in 0..6 {
            slog::info!(root, "slog");
        }
    });
    let numbers: Vec<_> = lines
        .all()
        .iter()
        .filter(|line| line.get("message") == "log")
        .map(|line| line.get("number").as_u64())
        .collect();
    assert_eq!(numbers, [Some(1), Some(3), Some(5)]);
    assert_eq!(lines.all().len(), 6);
}

/// Wants every record with an order, and says so in advance. For all other records it decides each time.
struct HasOrder;

impl<S> Filter<S> for HasOrder {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        metadata.fields().field("order").is_some()
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match metadata.fields().field("order") {
            Some(_) => Interest::always(),
            None => Interest::sometimes(),
        }
    }
}

#[test]
fn a_filter_that_wants_some_records_in_advance_gets_all_of_them() {
    let lines = Lines::default();
    let layer = tracing_stamp::layer().with_writer(lines.clone());
    let subscriber = tracing_subscriber::registry()
        .with(layer.with_filter(HasOrder))
        .with(
            tracing_stamp::layer()
                .with_writer(std::io::sink)
                .with_filter(LevelFilter::TRACE),
        );
    tracing::subscriber::with_default(subscriber, || {
        let root = Logger::root(TracingDrain::new(), o!());
        for order in 0..3 {
            slog::info!(root, "with"; "order" => order);
            slog::info!(root, "without");
        }
    });
    let orders: Vec<_> = lines
        .all()
        .iter()
        .map(|line| line.get("order").as_u64())
        .collect();
    assert_eq!(orders, [Some(0), Some(1), Some(2)]);
}

#[test]
fn a_reloaded_filter_decides_from_then_on() {
    let lines = Lines::default();
    let (filter, handle) = reload::Layer::new(EnvFilter::new("warn"));
    let subscriber = tracing_subscriber::registry()
        .with(filter)
        .with(tracing_stamp::layer().with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, || {
        orders::log(&Logger::root(TracingDrain::new(), o!()));
        handle
            .reload(EnvFilter::new("debug"))
            .expect("the subscriber is there");
        orders::log(&Logger::root(TracingDrain::new(), o!()));
        handle
            .reload(EnvFilter::new("off"))
            .expect("the subscriber is there");
        orders::log(&Logger::root(TracingDrain::new(), o!()));
    });
    assert_eq!(
        written(&lines),
        ["orders warn", "orders debug", "orders info", "orders warn"]
    );
}

/// tokio-rs/tracing#2704: asking whether a record is enabled left per-layer filters in a state that affected the next event.
#[test]
fn asking_whether_a_record_is_enabled_does_not_affect_the_next_event() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let all = Lines::default();
    let some = Lines::default();
    let subscriber = tracing_subscriber::registry()
        .with(
            tracing_stamp::layer()
                .with_writer(all.clone())
                .with_filter(LevelFilter::TRACE),
        )
        .with(
            tracing_stamp::layer()
                .with_writer(some.clone())
                .with_filter(dynamic_filter_fn(move |metadata, _| {
                    count.fetch_add(1, Ordering::Relaxed);
                    metadata.target() != "unwanted"
                })),
        );
    tracing::subscriber::with_default(subscriber, || {
        let logger = LogLogger::new();
        let metadata = |target| {
            log::Metadata::builder()
                .level(log::Level::Info)
                .target(target)
                .build()
        };
        assert!(logger.enabled(&metadata("unwanted")));
        assert!(logger.enabled(&metadata("wanted")));
        assert_eq!(asked.load(Ordering::Relaxed), 0);
        tracing::info!("the next event");
    });
    assert_eq!(all.all().len(), 1);
    assert_eq!(some.all().len(), 1);
}
