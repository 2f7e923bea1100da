//! The crate that `tracing-opentelemetry` 0.34 is built on is `opentelemetry` 0.33.
fn main() {
    let _ = tracing_stamp::layer()
        .with_opentelemetry(tracing_stamp::opentelemetry_of!(opentelemetry_0_30, tracing_opentelemetry_0_34));
}
