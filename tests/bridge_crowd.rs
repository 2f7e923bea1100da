//! More places log than call sites are kept. Each line stays the same, and memory is bounded. Needs a separate process.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

mod support;

use log::Log as _;
use serde_json::json;
use slog::{Logger, o};
use std::{
    io,
    sync::{Arc, Mutex},
};
use support::{Exported, Lines};
use tracing::{Event, Subscriber, field::Visit};
use tracing_stamp::bridge::{log::Logger as LogLogger, slog::TracingDrain};
use tracing_subscriber::{EnvFilter, Layer, layer::Context, prelude::*};

/// Collects what another layer sees of the last event.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(String, String)>>>);

impl<S: Subscriber> Layer<S> for Seen {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Fields(Vec<(String, String)>);
        impl Visit for Fields {
            fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
                self.0.push((field.to_string(), value.to_owned()));
            }

            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.push((field.to_string(), format!("{value:?}")));
            }
        }
        let mut fields = Fields(Vec::new());
        event.record(&mut fields);
        *self.0.lock().expect("no panic") = fields.0;
    }
}

#[test]
fn records_from_more_places_than_are_kept_are_written_like_others() {
    let exported = Exported::new();
    let lines = Lines::default();
    let seen = Seen::default();
    let subscriber = tracing_subscriber::registry()
        .with(EnvFilter::new("off,shop=info,kept=info"))
        .with(tracing_opentelemetry::layer().with_tracer(exported.tracer()))
        .with(
            tracing_stamp::layer()
                .with_file(true)
                .with_line_number(true)
                .with_writer(lines.clone()),
        )
        .with(seen.clone());
    tracing::subscriber::with_default(subscriber, || {
        let logger = LogLogger::new();
        let record = |target: &str, level| {
            logger.log(
                &log::Record::builder()
                    .args(format_args!("{target}"))
                    .target(target)
                    .level(level)
                    .module_path(Some("shop::module"))
                    .file(Some("src/shop.rs"))
                    .line(Some(7))
                    .key_values(&[
                        ("order", log::kv::Value::from(1017)),
                        ("target", log::kv::Value::from("mine")),
                    ])
                    .build(),
            );
        };
        record("kept", log::Level::Info);
        // More unwanted targets than the maximum number of call sites.
        for index in 0..20_000 {
            record(&format!("noise_{index}"), log::Level::Info);
        }
        tracing::info_span!(target: "shop", "span", order = 1, b = 2).in_scope(|| {
            record("shop::late", log::Level::Warn);
            record("shop::late", log::Level::Debug);
            record("elsewhere", log::Level::Warn);
            record("opentelemetry_sdk", log::Level::Warn);
        });
        record("kept", log::Level::Info);
        assert!(
            logger.enabled(
                &log::Metadata::builder()
                    .target("unknown")
                    .level(log::Level::Error)
                    .build()
            )
        );

        let error = io::Error::other(support::dynamic::Chain::new(["outer", "inner"]));
        let root = Logger::root(TracingDrain::new(), o!("order" => 1));
        slog::crit!(root, "by slog"; "order" => 2, "error" => #error, "list" => slog::Serde([1, 2]), "none" => None::<u8>);
    });
    let written = lines.all();
    let messages: Vec<_> = written
        .iter()
        .map(|line| line.get("message").clone())
        .collect();
    assert_eq!(messages, ["kept", "shop::late", "kept"]);
    let late = &written[1];
    assert_eq!(late.ids(), exported.ids("span"));
    for (key, expected) in [
        ("level", json!("WARN")),
        ("target", json!("shop::late")),
        ("file", json!("src/shop.rs")),
        ("line", json!(7)),
        ("span_name", json!("span")),
        ("b", json!(2)),
        ("order", json!(1017)),
        ("field.target", json!("mine")),
    ] {
        assert_eq!(late.get(key), &expected, "{key}");
    }
}
