//! Redacts spans before they are exported.

mod batch;
mod exporter;

pub(super) use self::batch::BatchRedaction;
pub use self::exporter::RedactingExporter;
