//! A panic in a value leaves the next line whole, through each crate.

use super::support::Lines;
use slog::{Logger, o};
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};
use tracing_stamp::bridge::{log::Logger as LogLogger, slog::TracingDrain};
use tracing_subscriber::{Layer as _, filter::dynamic_filter_fn, prelude::*};

#[derive(Clone)]
struct Angry;

impl fmt::Debug for Angry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half \"of")?;
        panic!("angry")
    }
}

impl serde::Serialize for Angry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq as _;
        let mut seq = serializer.serialize_seq(None)?;
        seq.serialize_element("half")?;
        panic!("angry")
    }
}

impl slog::Value for Angry {
    fn serialize(
        &self,
        _: &slog::Record<'_>,
        _: slog::Key,
        _: &mut dyn slog::Serializer,
    ) -> slog::Result {
        panic!("angry")
    }
}

/// Logs a panicking value in each way, each followed by ordinary events through each crate.
fn log_all(root: &Logger) {
    let logger = LogLogger::new();
    let angry: [&dyn Fn(); 8] = [
        &|| tracing::info!(before = 1, angry = ?Angry, after = 2, "angry"),
        &|| log::info!(logger: logger, before = 1, angry:? = Angry, after = 2; "angry"),
        &|| log::info!(logger: logger, before = 1, angry:serde = Angry, after = 2; "angry"),
        &|| log::info!(logger: logger, before = 1; "angry {:?}", Angry),
        &|| slog::info!(root, "angry"; "before" => 1, "angry" => Angry, "after" => 2),
        &|| slog::info!(root, "angry"; "before" => 1, "angry" => ?Angry, "after" => 2),
        &|| slog::info!(root, "angry"; "before" => 1, "angry" => slog::Serde(Angry), "after" => 2),
        &|| slog::info!(root.new(o!("angry" => Angry)), "angry"; "before" => 1),
    ];
    for log in angry {
        assert!(
            catch_unwind(AssertUnwindSafe(log)).is_err(),
            "the panic reaches the caller"
        );
        tracing::info!(before = 1, "calm");
        log::info!(logger: logger, before = 1; "calm");
        slog::info!(root, "calm"; "before" => 1);
    }
}

#[test]
fn a_panic_of_a_value_reaches_the_caller_and_the_next_line_is_whole() {
    log::set_max_level(log::LevelFilter::Trace);
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::registry().with(tracing_stamp::layer().with_writer(lines.clone()));
    tracing::subscriber::with_default(subscriber, || {
        log_all(&Logger::root(TracingDrain::new(), o!()))
    });
    // `Lines` has checked that each line is one valid object.
    let mut calm = lines.all();
    calm.retain(|line| line.get("message") == "calm");
    assert_eq!(calm.len(), 8 * 3);
    for line in calm {
        assert_eq!(line.get("before"), 1);
        assert!(!line.has("angry") && !line.has("after"), "{line:?}");
    }
}

/// A per-layer filter that was asked about a record expects its event. Without it, the filter would apply its decision to the next event.
#[test]
fn a_panic_of_a_value_does_not_affect_how_filters_treat_the_next_event() {
    log::set_max_level(log::LevelFilter::Trace);
    let all = Lines::default();
    let some = Lines::default();
    let root = Logger::root(TracingDrain::new(), o!());
    let subscriber = tracing_subscriber::registry()
        .with(tracing_stamp::layer().with_writer(all.clone()))
        .with(
            tracing_stamp::layer()
                .with_writer(some.clone())
                .with_filter(dynamic_filter_fn(|metadata, _| {
                    metadata.fields().field("angry").is_none()
                })),
        );
    tracing::subscriber::with_default(subscriber, || {
        let angry: [&dyn Fn(); 2] = [
            &|| log::info!(logger: LogLogger::new(), angry:serde = Angry; "angry"),
            &|| slog::info!(root, "angry"; "before" => 1, "angry" => Angry),
        ];
        for log in angry {
            assert!(catch_unwind(AssertUnwindSafe(log)).is_err());
            tracing::info!("calm");
        }
    });
    for lines in [&all, &some] {
        let mut calm = lines.all();
        calm.retain(|line| line.get("message") == "calm");
        assert_eq!(calm.len(), 2, "{}", lines.text());
    }
}
