use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};

/// Stands in for an exporter that cannot be made on this machine now. It reports why, and stops nothing else.
#[derive(Debug)]
pub(super) struct Unavailable(pub(super) String);

impl SpanExporter for Unavailable {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Err(OTelSdkError::InternalFailure(self.0.clone()))
    }
}
