//! `opentelemetry` comes first.
fn main() {
    let _ = tracing_stamp::layer()
        .with_opentelemetry(tracing_stamp::opentelemetry_of!(tracing_opentelemetry_0_34, opentelemetry_0_33));
}
