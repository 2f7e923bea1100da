//! Before 0.32.1 nothing can be asked for a span's context.
fn main() {
    let _ = tracing_stamp::layer()
        .with_opentelemetry(tracing_stamp::opentelemetry_of!(opentelemetry_0_30, tracing_opentelemetry_0_31));
}
