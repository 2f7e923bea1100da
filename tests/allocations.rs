//! An event allocates nothing once its thread has its buffers, however deep it is.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::io;
use tracing::{info, info_span, span::EnteredSpan};
use tracing_subscriber::{Layer as _, filter::filter_fn, prelude::*};

fn event() {
    info!(
        method = "GET",
        path = "/api/v1/orders/42",
        status = 200_u64,
        latency_ms = 12.75_f64,
        cached = false,
        user = "alice \"quoted\" \n",
        "handled request"
    );
}

#[test]
fn an_event_allocates_nothing_at_any_depth() {
    let provider = SdkTracerProvider::builder().build();
    let subscriber = tracing_subscriber::registry()
        .with(
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer("test"))
                .with_filter(filter_fn(|metadata| metadata.is_span())),
        )
        .with(tracing_stamp::layer().with_writer(io::sink));
    tracing::subscriber::with_default(subscriber, || {
        let mut entered: Vec<EnteredSpan> = Vec::new();
        for depth in 0..=10 {
            // The first event of a thread makes its buffers, the first within a span the text of the span's fields.
            event();
            let counted = allocation_counter::measure(|| (0..100).for_each(|_| event()));
            assert_eq!(counted.count_total, 0, "at depth {depth}");
            entered.push(info_span!("span", depth, tenant = "acme").entered());
        }
        // Innermost first, as scopes end.
        while entered.pop().is_some() {}
    });
}
