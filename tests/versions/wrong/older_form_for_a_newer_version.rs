//! Since 0.32 a span's extensions hold no ids.
fn main() {
    let _ = tracing_stamp::layer()
        .with_opentelemetry(tracing_stamp::opentelemetry_of!(opentelemetry_0_33, tracing_opentelemetry_0_34::OtelData));
}
