//! A number of events of six fields and a message, within two spans of three fields, into a sink that discards.
//!
//! With `cost native 1500` the layer uses the version that this crate depends on. With `cost named 1500` it uses the version that
//! the macro names.

use opentelemetry::trace::TracerProvider as _;
#[cfg(not(otel_0_27))]
use opentelemetry_sdk::trace::SdkTracerProvider;
#[cfg(otel_0_27)]
use opentelemetry_sdk::trace::TracerProvider as SdkTracerProvider;
use std::{env, io};
use tracing::{info, info_span};
use tracing_subscriber::{Layer as _, filter::filter_fn, prelude::*};

fn main() {
    let mut arguments = env::args().skip(1);
    let way = arguments.next().unwrap_or_default();
    let events = arguments
        .next()
        .and_then(|events| events.parse().ok())
        .unwrap_or(0);
    let tracer = SdkTracerProvider::builder().build().tracer("cost");
    let sink: fn() -> io::Sink = io::sink;
    let mut stamp = tracing_stamp::layer().with_writer(sink);
    if way == "named" {
        #[cfg(keeps_ids)]
        let version =
            tracing_stamp::opentelemetry_of!(opentelemetry, tracing_opentelemetry::OtelData);
        #[cfg(not(keeps_ids))]
        let version = tracing_stamp::opentelemetry_of!(opentelemetry, tracing_opentelemetry);
        stamp = stamp.with_opentelemetry(version);
    }
    let opentelemetry = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_filter(filter_fn(|metadata| metadata.is_span()));
    let subscriber = tracing_subscriber::registry()
        .with(opentelemetry)
        .with(stamp);
    tracing::subscriber::with_default(subscriber, || {
        // Layers know more once a span has closed.
        info_span!("warm").in_scope(|| info!("warm"));
        let _request = info_span!(
            "request",
            method = "GET",
            route = "/orders/{id}",
            peer = "10.0.0.7"
        )
        .entered();
        let _query = info_span!("query", table = "orders", rows = 3, cached = false).entered();
        for event in 0..events {
            info!(
                event,
                status = 200,
                ratio = 0.25,
                paid = true,
                user = "alice \"quoted\" \n",
                path = "/orders/7",
                "handled request"
            );
        }
    });
}
