//! The shortest program whose log lines carry trace ids: `cargo run --example quickstart`.

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{info, info_span, warn};
use tracing_stamp::{opentelemetry::trace::TracerProvider as _, tracing_opentelemetry};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

fn main() {
    // No exporter: a line needs a span's ids, not a place to send the span to.
    let provider = SdkTracerProvider::builder().build();
    let tracer = provider.tracer("quickstart");
    tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(tracer))
        .with(tracing_stamp::layer())
        .init();

    let _checkout = info_span!("checkout", order = 1017).entered();
    info!(items = 3, "cart received");
    warn!(cents = 129_900, "the card needs a second look");
}
