//! A service that keeps its slog drain, and gets trace ids on its lines: `cargo run --example slog_service --features slog`.
//!
//! The code between the two rules was added for this. The rest is unchanged.

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
    // The ids come from spans. Add your exporter to the provider.
    let provider = SdkTracerProvider::builder().build();
    let tracer = provider.tracer("orders");
    tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(tracer))
        .init();
    // Before slog_async, because its worker thread does not know the current span.
    let drain = TraceIdDrain::new(drain);
    // ────────────────────────────────────────────────────────────────────────────────────────

    let root = Logger::root(drain.fuse(), o!("service" => "orders"));
    for order in 1017..=1019 {
        // A span for each request. With axum or tonic, a middleware opens it.
        info_span!("request", order).in_scope(|| handle(&root.new(o!("order" => order))));
    }
    info!(root, "all orders handled");
    // The worker writes the remaining lines when the last logger is dropped.
}

/// Unchanged.
fn handle(log: &Logger) {
    info!(log, "order received"; "items" => 3);
    warn!(log, "the card needs a second look"; "cents" => 129_900);
}
