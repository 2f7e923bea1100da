//! The settings that were set in code.

use super::{
    otel_events::OtelEvents,
    settings::{Format, Output},
    shipping::ShipTarget,
};
use crate::{burst::Burst, hold::Hold, layer::StampLayer, schema::Schema, stats::Diagnostics};
use log_redaction::Redaction;
use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::{SdkTracerProvider, ShouldSample};
use std::{io::Write, path::PathBuf, time::Duration};
use tracing_core::LevelFilter;
use tracing_subscriber::{Layer, Registry, fmt::format::FmtSpan};

pub(super) type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// The settings of a [`Setup`](super::Setup). A setting that is `None` comes from the environment.
pub(super) struct Options {
    pub(super) filter: Option<String>,
    pub(super) schema: Option<Schema>,
    pub(super) format: Option<Format>,
    pub(super) log_file: Option<PathBuf>,
    pub(super) log_file_gzip: Option<bool>,
    pub(super) shipping: ShipTarget,
    pub(super) output: Option<Output>,
    pub(super) writer: Option<Box<dyn Write + Send>>,
    pub(super) background: Option<bool>,
    pub(super) span_events: Option<FmtSpan>,
    pub(super) parent_span_id: Option<bool>,
    pub(super) burst: Option<Burst>,
    /// The filter of what is held, and how.
    pub(super) hold: Option<(String, Hold)>,
    pub(super) redaction: Option<Redaction>,
    pub(super) resource: Vec<KeyValue>,
    pub(super) sampler: Option<Box<dyn ShouldSample>>,
    pub(super) tracer_provider: Option<SdkTracerProvider>,
    pub(super) otel_events: OtelEvents,
    pub(super) span_level: LevelFilter,
    pub(super) configure_layer: Option<Box<dyn FnOnce(StampLayer) -> StampLayer + Send>>,
    pub(super) unstamped_report: bool,
    pub(super) layers: Vec<BoxedLayer>,
    pub(super) shutdown_timeout: Duration,
    pub(super) diagnostics: Diagnostics,
    #[cfg(all(unix, feature = "signals"))]
    pub(super) after_flush: Option<crate::writer::AfterFlush>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            filter: None,
            schema: None,
            format: None,
            log_file: None,
            log_file_gzip: None,
            shipping: None,
            output: None,
            writer: None,
            background: None,
            span_events: None,
            parent_span_id: None,
            burst: None,
            hold: None,
            redaction: None,
            resource: Vec::new(),
            sampler: None,
            tracer_provider: None,
            otel_events: OtelEvents::default(),
            span_level: LevelFilter::INFO,
            configure_layer: None,
            unstamped_report: false,
            layers: Vec::new(),
            shutdown_timeout: Duration::from_secs(5),
            diagnostics: Diagnostics::default(),
            #[cfg(all(unix, feature = "signals"))]
            after_flush: None,
        }
    }
}
