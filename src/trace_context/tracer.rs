//! The tracer that reports ids, over the version of OpenTelemetry that this crate depends on.

crate::otel_layer_of! {
    @tracer
    /// The tracer that [`otel_layer`](crate::otel_layer) gives OpenTelemetry's layer. It wraps your tracer, and reports the ids of
    /// each span that it starts to stamping layers.
    ///
    /// ```
    /// use opentelemetry::trace::TracerProvider as _;
    /// use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
    /// use tracing_opentelemetry::OpenTelemetryLayer;
    /// use tracing_stamp::StampTracer;
    /// use tracing_subscriber::{Registry, prelude::*};
    ///
    /// // Its type is needed for a function that configures OpenTelemetry's layer:
    /// fn finish(
    ///     layer: OpenTelemetryLayer<Registry, StampTracer<SdkTracer>>,
    /// ) -> OpenTelemetryLayer<Registry, StampTracer<SdkTracer>> {
    ///     layer.with_threads(false)
    /// }
    ///
    /// let provider = SdkTracerProvider::builder().build();
    /// let subscriber = tracing_subscriber::registry()
    ///     .with(tracing_stamp::otel_layer(provider.tracer("orders"), finish))
    ///     .with(tracing_stamp::layer());
    /// # let _ = subscriber;
    /// ```
    pub struct StampTracer,
    /// A span of [`StampTracer`]. It wraps the span of your tracer, and reports its status to stamping layers that
    /// [hold](crate::Hold) lines.
    StampSpan, [opentelemetry]
}
