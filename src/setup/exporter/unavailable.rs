//! The stand-in for an exporter that cannot be created.

use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};

/// Fails each export with a reason. It is used if an exporter cannot be created on this machine, so that the service starts all the same.
#[derive(Debug)]
pub(super) struct Unavailable(pub(super) String);

impl SpanExporter for Unavailable {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Err(OTelSdkError::InternalFailure(self.0.clone()))
    }
}
