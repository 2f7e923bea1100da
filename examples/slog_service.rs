//! A service that logs through slog and stays with it, and whose lines have trace ids now:
//! `cargo run --example slog_service --features slog`.
//!
//! What is new to it stands between the two rules.

use opentelemetry_sdk::trace::SdkTracerProvider;
use slog::{Drain as _, Logger, info, o, warn};
use std::{io, sync::Mutex};
use tracing::info_span;
use tracing_stamp::{
    bridge::slog::TraceIdDrain, opentelemetry::trace::TracerProvider as _, tracing_opentelemetry,
};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

fn main() {
    let json = Mutex::new(slog_json::Json::default(io::stdout()));
    let drain = slog_async::Async::new(json.ignore_res()).build();

    // ────────────────────────────────────────────────────────────────────────────────────────
    // Spans, which have the ids. No exporter: add yours to the provider.
    let provider = SdkTracerProvider::builder().build();
    let tracer = provider.tracer("orders");
    tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(tracer))
        .init();
    // In front of slog_async: its worker thread knows nothing of spans.
    let drain = TraceIdDrain::new(drain);
    // ────────────────────────────────────────────────────────────────────────────────────────

    let root = Logger::root(drain.fuse(), o!("service" => "orders"));
    for order in 1017..=1019 {
        // Around each request. With axum or tonic, a middleware opens this span.
        info_span!("request", order).in_scope(|| handle(&root.new(o!("order" => order))));
    }
    info!(root, "all handled");
    // The worker writes what it has when the last logger goes.
}

/// As it was.
fn handle(log: &Logger) {
    info!(log, "order received"; "items" => 3);
    warn!(log, "the card needs a second look"; "cents" => 129_900);
}
