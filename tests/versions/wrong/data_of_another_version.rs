//! The crate that `tracing-opentelemetry` 0.31 is built on is `opentelemetry` 0.30.
fn main() {
    let _ = tracing_stamp::layer()
        .with_opentelemetry(tracing_stamp::opentelemetry_of!(opentelemetry_0_33, tracing_opentelemetry_0_31::OtelData));
}
