//! Key-values are typed fields, and target, module, file, line and level are those of the record.

use super::{line, lines};
use serde_json::json;
use slog::{FnValue, Logger, o};
use std::{
    fmt, io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tracing::{Event, Level, Subscriber, field::Visit};
use tracing_stamp::bridge::{log::Logger as LogLogger, slog::TracingDrain};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, dynamic_filter_fn},
    layer::Context,
    prelude::*,
};

fn logger() -> LogLogger {
    log::set_max_level(log::LevelFilter::Trace);
    LogLogger::new()
}

fn root() -> Logger {
    Logger::root(TracingDrain::new(), o!())
}

#[test]
fn key_values_of_log_are_typed_fields() {
    let error = io::Error::other("no tea");
    let line = line(|| {
        log::warn!(
            logger: logger(), target: "shop::orders",
            order = 1017, delta = -3, ratio = 0.5, paid = true, user = "alice", letter = 'x', error:err = error, list:? = [1, 2];
            "order {} placed", 1017
        );
    });
    let fields = [
        "message", "level", "target", "order", "delta", "ratio", "paid", "user", "letter", "error",
        "list",
    ];
    let values = fields.map(|key| line.get(key).clone());
    let expected = json!([
        "order 1017 placed",
        "WARN",
        "shop::orders",
        1017,
        -3,
        0.5,
        true,
        "alice",
        "x",
        "no tea",
        "[1, 2]"
    ]);
    assert_eq!(json!(values), expected);
}

#[test]
fn context_and_key_values_of_slog_are_typed_fields_and_the_innermost_key_wins() {
    let line = line(|| {
        let outer = root().new(o!("service" => "orders", "shared" => 1, "outer" => 1.5));
        let inner = outer.new(o!("shared" => 2, "inner" => 'x'));
        let child = inner.new(o!());
        slog::info!(child, "order {} placed", 1017; "order" => 1017_u64, "shared" => 3, "none" => None::<u8>, "unit" => ());
    });
    let keys: Vec<&str> = line.keys().into_iter().skip(4).collect();
    assert_eq!(keys, ["service", "outer", "inner", "order", "shared"]);
    let values: Vec<_> = keys.iter().map(|key| line.get(key).clone()).collect();
    assert_eq!(json!(values), json!(["orders", 1.5, "x", 1017, 3]));
    assert_eq!(line.get("message"), "order 1017 placed");
}

#[test]
fn target_module_file_and_line_are_those_of_the_record() {
    let written = lines(
        |layer| layer.with_file(true).with_line_number(true),
        || {
            log::info!(logger: logger(), "by log");
            slog::info!(root(), "by slog");
            tracing::info!("by tracing");
        },
    );
    let first = written[0].get("line").as_u64().expect("a number");
    for (offset, line) in (0..).zip(&written) {
        assert_eq!(line.get("target"), module_path!());
        assert_eq!(line.get("file"), file!());
        assert_eq!(line.get("line"), first + offset);
    }
    assert_eq!(written.len(), 3);
}

#[test]
fn slogs_six_levels_are_mapped_and_critical_has_a_field() {
    let written = lines(
        |layer| layer,
        || {
            let root = root();
            slog::crit!(root, "0");
            slog::error!(root, "1");
            slog::warn!(root, "2");
            slog::info!(root, "3");
            slog::debug!(root, "4");
            slog::trace!(root, "5");
        },
    );
    let levels: Vec<_> = written
        .iter()
        .map(|line| line.get("level").clone())
        .collect();
    assert_eq!(levels, ["ERROR", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"]);
    for (index, line) in written.iter().enumerate() {
        assert_eq!(line.has("slog.level"), index == 0);
    }
    assert_eq!(written[0].get("slog.level"), "CRITICAL");
}

#[test]
fn a_tag_of_slog_is_a_field() {
    let line = line(|| slog::info!(root(), # "audit", "tagged"));
    assert_eq!(line.get("slog.tag"), "audit");
    assert_eq!(line.get("target"), module_path!());
}

#[test]
fn a_lazy_value_is_computed_once_and_only_if_the_record_is_written() {
    static COMPUTED: AtomicUsize = AtomicUsize::new(0);
    let compute = |_: &slog::Record<'_>| COMPUTED.fetch_add(1, Ordering::Relaxed);
    let log = move || {
        let logger = root().new(o!("lazy" => FnValue(compute)));
        slog::debug!(logger, "unwanted");
        slog::info!(logger, "wanted");
    };
    let written = super::support::Lines::default();
    // Filters that decide for each event are asked first. The per-layer filters are known to reject the record.
    let layer = || tracing_stamp::layer().with_writer(written.clone());
    let subscriber = tracing_subscriber::registry()
        .with(layer().with_filter(LevelFilter::INFO))
        .with(layer().with_filter(LevelFilter::WARN))
        .with(dynamic_filter_fn(|metadata, _| {
            *metadata.level() <= Level::INFO
        }));
    tracing::subscriber::with_default(subscriber, log);
    assert_eq!(COMPUTED.load(Ordering::Relaxed), 1);
    assert_eq!(written.all().len(), 1);
}

/// Collects what another layer sees of each event.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Seen {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Fields(Vec<String>);
        impl Visit for Fields {
            fn record_u64(&mut self, field: &tracing::field::Field, value: u64) {
                self.0.push(format!("{field}=u64 {value}"));
            }

            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
                self.0.push(format!("{field}={value:?}"));
            }
        }
        let mut fields = Fields(Vec::new());
        event.record(&mut fields);
        let metadata = event.metadata();
        let place = format!(
            "{} {} {:?}",
            metadata.level(),
            metadata.target(),
            metadata.module_path()
        );
        self.0
            .lock()
            .expect("no panic")
            .push(format!("{place} {}", fields.0.join(" ")));
    }
}

#[test]
fn other_layers_see_an_ordinary_event() {
    let seen = Seen::default();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(seen.clone()), || {
        log::info!(logger: logger(), target: "shop", order = 7_u64, list:serde = [1, 2]; "by {}", "log");
        slog::info!(root().new(o!("order" => 6)), "by {}", "slog"; "order" => 7_u64, "list" => slog::Serde([1, 2]));
    });
    let module = Some(module_path!());
    assert_eq!(
        *seen.0.lock().expect("no panic"),
        [
            format!("INFO shop {module:?} message=by log order=u64 7 list=[1,2]"),
            format!(
                "INFO {} {module:?} message=by slog order=u64 7 list=[1,2]",
                module_path!()
            ),
        ]
    );
}

#[test]
fn an_error_of_a_slog_value_is_reported_and_the_other_values_are_written() {
    struct Failing;
    impl slog::Value for Failing {
        fn serialize(
            &self,
            _: &slog::Record<'_>,
            _: slog::Key,
            _: &mut dyn slog::Serializer,
        ) -> slog::Result {
            Err(slog::Error::Other)
        }
    }
    let line = line(|| {
        let logger = root().new(o!("service" => "orders"));
        slog::info!(logger, "hello"; "before" => 1, "failing" => Failing, "after" => 2);
    });
    assert_eq!(line.get("service"), "orders");
    assert_eq!(line.get("after"), 2);
    assert!(line.has("slog.error"));
}

#[test]
fn records_of_one_place_have_the_target_and_the_keys_they_were_logged_with() {
    let logger = LogLogger::new();
    log::set_max_level(log::LevelFilter::Trace);
    // As in the macros, the module is the default target.
    static MODULE: &str = "one";
    let log = |target: &str, keys: &[(&'static str, u64)]| {
        let record = log::Record::builder()
            .args(format_args!("hello"))
            .level(log::Level::Info)
            .target(target)
            .module_path_static(Some(MODULE))
            .file_static(Some("one.rs"))
            .line(Some(1))
            .key_values(&keys)
            .build();
        log::Log::log(&logger, &record);
    };
    let given: [(&'static str, &[(&'static str, u64)]); 6] = [
        ("a", &[("x", 1), ("y", 2)]),
        ("b", &[("x", 1), ("y", 2)]),
        (MODULE, &[("x", 1), ("y", 2)]),
        (MODULE, &[("x", 1), ("z", 2)]),
        (MODULE, &[("x", 1)]),
        (MODULE, &[("x", 1), ("z", 2), ("y", 3)]),
    ];
    // Each combination is logged twice in a row, and after every other one.
    for (first, second) in given
        .iter()
        .flat_map(|first| given.map(|second| (first, second)))
    {
        let written = lines(
            |layer| layer,
            || {
                for (target, keys) in [first, first, &second] {
                    log(target, keys);
                }
            },
        );
        for ((target, keys), line) in [first, first, &second].iter().zip(&written) {
            assert_eq!(line.get("target"), *target);
            let has: Vec<_> = ["x", "y", "z"].map(|key| line.has(key)).into();
            let expected: Vec<_> = ["x", "y", "z"]
                .map(|key| keys.iter().any(|(other, _)| *other == key))
                .into();
            assert_eq!(has, expected, "{keys:?}");
            for (key, value) in *keys {
                assert_eq!(line.get(key), *value);
            }
        }
    }
}
