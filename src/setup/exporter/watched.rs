//! An exporter's failures, told once and again when they end; and the spans that it has delivered.

use super::cause::Cause;
use crate::{
    foreign::excerpt,
    stats::{Diagnosis, Diagnostics},
};
use opentelemetry::Context;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{Span, SpanData, SpanExporter, SpanProcessor},
};
use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    time::Duration,
};

/// Numbers of spans, and who is told.
pub(in crate::setup) struct Counts {
    ended: AtomicU64,
    exported: AtomicU64,
    is_failing: AtomicBool,
    is_exporting: AtomicBool,
    diagnostics: Diagnostics,
}

impl Counts {
    pub(in crate::setup) fn new(diagnostics: Diagnostics) -> Self {
        Self {
            ended: AtomicU64::new(0),
            exported: AtomicU64::new(0),
            is_failing: AtomicBool::new(false),
            is_exporting: AtomicBool::new(false),
            diagnostics,
        }
    }

    /// Sampled spans that have ended.
    pub(in crate::setup) fn ended(&self) -> u64 {
        self.ended.load(SeqCst)
    }

    /// Whether they go anywhere.
    pub(in crate::setup) fn is_exporting(&self) -> bool {
        self.is_exporting.load(SeqCst)
    }

    /// Those of them that the backend has taken.
    pub(in crate::setup) fn exported(&self) -> u64 {
        self.exported.load(SeqCst)
    }
}

impl std::fmt::Debug for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counts")
            .field("ended", &self.ended())
            .field("exported", &self.exported())
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(in crate::setup) struct Watched<E> {
    exporter: E,
    endpoint: String,
    cause: Arc<Cause>,
    counts: Arc<Counts>,
}

impl<E> Watched<E> {
    pub(in crate::setup) fn new(
        exporter: E,
        endpoint: String,
        cause: Arc<Cause>,
        counts: Arc<Counts>,
    ) -> Self {
        counts.is_exporting.store(true, SeqCst);
        Self {
            exporter,
            endpoint,
            cause,
            counts,
        }
    }

    fn note(&self, result: &OTelSdkResult, spans: u64) {
        let endpoint = self.endpoint.clone();
        match result {
            Ok(()) => {
                self.counts.exported.fetch_add(spans, SeqCst);
                if self.counts.is_failing.swap(false, SeqCst) {
                    let resumed = Diagnosis::ExportResumed { endpoint };
                    self.counts.diagnostics.report(&resumed);
                }
            }
            Err(error) => {
                if !self.counts.is_failing.swap(true, SeqCst) {
                    let cause = self.cause.take().unwrap_or_else(|| error.to_string());
                    let error = excerpt(&cause);
                    let failing = Diagnosis::ExportFailing { endpoint, error };
                    self.counts.diagnostics.report(&failing);
                }
            }
        }
    }
}

impl<E: SpanExporter> SpanExporter for Watched<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        // The batch processor's thread does nothing else.
        crate::quiet::be_quiet();
        let spans = batch.len() as u64;
        let result = self.exporter.export(batch).await;
        self.note(&result, spans);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

/// Counts the sampled spans that end.
#[derive(Debug)]
pub(in crate::setup) struct Ended(pub(in crate::setup) Arc<Counts>);

impl SpanProcessor for Ended {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.0.ended.fetch_add(1, SeqCst);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
