//! One request with code that logs through `tracing`, `log` and slog. All lines have the same form and the same trace id:
//! `cargo run --example mixed --features log,slog`.

use opentelemetry_sdk::trace::SdkTracerProvider;
use slog::{Drain as _, Logger, o};
use std::error::Error;
use tracing::{info, info_span};
use tracing_stamp::{
    bridge::{self, slog::TracingDrain},
    opentelemetry::trace::TracerProvider as _,
    tracing_opentelemetry,
};
use tracing_subscriber::layer::SubscriberExt as _;

fn main() -> Result<(), Box<dyn Error>> {
    let provider = SdkTracerProvider::builder().build();
    let subscriber = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("shop")))
        .with(tracing_stamp::layer());
    // `SubscriberInitExt::init` would also install a logger for `log`, which drops key-value pairs.
    tracing::subscriber::set_global_default(subscriber)?;
    bridge::log::install()?;
    let slog = Logger::root(TracingDrain::new().fuse(), o!("component" => "stock"));

    info_span!("checkout", order = 1017).in_scope(|| {
        info!(items = 3, "cart received");
        card::charge(129_900);
        stock::reserve(&slog, &["teapot", "kettle"]);
    });
    log::info!("outside of any request");
    Ok(())
}

/// A library that logs through `log`.
mod card {
    pub(super) fn charge(cents: u32) {
        log::warn!(cents, retry = true; "the card needs a second look");
    }
}

/// A library that logs through slog.
mod stock {
    use slog::Logger;

    pub(super) fn reserve(log: &Logger, articles: &[&str]) {
        for article in articles {
            slog::info!(log, "reserved"; "article" => article, "left" => 12);
        }
    }
}
