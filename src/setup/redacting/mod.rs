//! Redacts spans before they are exported.

mod batch;
mod exporter;

pub(super) use self::batch::BatchRedaction;
#[cfg(feature = "testing")]
pub(crate) use self::batch::redact_spans;
pub use self::exporter::RedactingExporter;
