use super::batch::{BatchRedaction, redact_spans};
use log_redaction::Redactor;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use std::{fmt, time::Duration};

/// Exporter that redacts spans and passes them to another exporter.
///
/// [`init`](crate::init) puts one around each exporter that it makes. A tracer provider of your own needs it too:
///
/// ```
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
/// use tracing_stamp::{Redaction, setup::RedactingExporter};
///
/// let exporter = InMemorySpanExporter::default();
/// let redaction = Redaction::new().secret_keys().key("iban");
/// let provider = SdkTracerProvider::builder()
///     .with_batch_exporter(RedactingExporter::new(exporter.clone(), redaction.build()))
///     .build();
///
/// let (dispatch, _guard) = tracing_stamp::setup()
///     .with_tracer_provider(provider.clone())
///     .with_redaction(redaction)
///     .build()?;
/// tracing::dispatcher::with_default(&dispatch, || drop(tracing::info_span!("payment", iban = "DE02 1203 0000 0000 2020 51")));
/// provider.force_flush().expect("memory accepts spans");
///
/// let spans = exporter.get_finished_spans().expect("the exporter is not shut down");
/// let iban = spans[0].attributes.iter().find(|attribute| attribute.key.as_str() == "iban");
/// assert_eq!(iban.expect("the key is left").value.as_str(), "[redacted]");
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
///
/// The rules apply to
///
/// - attributes of the span, of its events and links, and of the resource: by their keys, and by patterns in strings and lists of strings.
///   A string with a JSON object or list is redacted as JSON;
/// - the span's name, the names of its events, which are the messages of log events, and the description of its status: by patterns.
///
/// A value that is replaced becomes a string, whatever type it had. Ids, times, `tracestate` and the instrumentation scope are not changed.
///
/// The batch processor calls the exporter on a thread of its own, so the threads of the application do not pay for it.
pub struct RedactingExporter<E> {
    exporter: E,
    redactor: Redactor,
}

impl<E> RedactingExporter<E> {
    /// Returns an exporter that redacts spans by these rules, and counts what it replaces in the redactor.
    #[must_use]
    pub fn new(exporter: E, redactor: Redactor) -> Self {
        Self { exporter, redactor }
    }
}

impl<E: SpanExporter> SpanExporter for RedactingExporter<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        redact_spans(&mut batch, &self.redactor);
        self.exporter.export(batch).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        let redacted = BatchRedaction::new(&self.redactor).resource(resource);
        self.exporter.set_resource(&redacted);
    }
}

impl<E: fmt::Debug> fmt::Debug for RedactingExporter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedactingExporter")
            .field("exporter", &self.exporter)
            .finish_non_exhaustive()
    }
}
