//! Monitors an exporter: reports when exports begin to fail and when they work again, and counts delivered spans.

use super::failure_cause::FailureCause;
use crate::stats::{Diagnosis, Diagnostics};
use collector_client::FailureLatch;
use log_files::excerpt;
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

/// Counts of spans, and the state of their export.
pub(in crate::setup) struct SpanCounts {
    ended: AtomicU64,
    exported: AtomicU64,
    failure: FailureLatch,
    is_exporting: AtomicBool,
    diagnostics: Diagnostics,
}

impl SpanCounts {
    pub(in crate::setup) fn new(diagnostics: Diagnostics) -> Self {
        Self {
            ended: AtomicU64::new(0),
            exported: AtomicU64::new(0),
            failure: FailureLatch::default(),
            is_exporting: AtomicBool::new(false),
            diagnostics,
        }
    }

    /// The number of sampled spans that have ended.
    pub(in crate::setup) fn ended(&self) -> u64 {
        self.ended.load(SeqCst)
    }

    /// Whether there is an exporter.
    pub(in crate::setup) fn is_exporting(&self) -> bool {
        self.is_exporting.load(SeqCst)
    }

    /// The number of spans that the backend has accepted.
    pub(in crate::setup) fn exported(&self) -> u64 {
        self.exported.load(SeqCst)
    }
}

impl std::fmt::Debug for SpanCounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpanCounts")
            .field("ended", &self.ended())
            .field("exported", &self.exported())
            .finish_non_exhaustive()
    }
}

/// An exporter, monitored.
#[derive(Debug)]
pub(in crate::setup) struct MonitoredExporter<E> {
    exporter: E,
    endpoint: String,
    cause: Arc<FailureCause>,
    counts: Arc<SpanCounts>,
}

impl<E> MonitoredExporter<E> {
    pub(in crate::setup) fn new(
        exporter: E,
        endpoint: String,
        cause: Arc<FailureCause>,
        counts: Arc<SpanCounts>,
    ) -> Self {
        counts.is_exporting.store(true, SeqCst);
        Self {
            exporter,
            endpoint,
            cause,
            counts,
        }
    }

    fn record(&self, result: &OTelSdkResult, spans: u64) {
        let endpoint = self.endpoint.clone();
        match result {
            Ok(()) => {
                self.counts.exported.fetch_add(spans, SeqCst);
                if self.counts.failure.recovers() {
                    let resumed = Diagnosis::ExportResumed { endpoint };
                    self.counts.diagnostics.report(&resumed);
                }
            }
            Err(error) => {
                if self.counts.failure.fails() {
                    let cause = self.cause.take().unwrap_or_else(|| error.to_string());
                    let error = excerpt(&cause);
                    let failing = Diagnosis::ExportFailing { endpoint, error };
                    self.counts.diagnostics.report(&failing);
                }
            }
        }
    }
}

impl<E: SpanExporter> SpanExporter for MonitoredExporter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        // This is the thread of the batch processor, which does nothing else: what is logged on it does not become lines.
        crate::quiet::be_quiet();
        let spans = batch.len() as u64;
        let result = self.exporter.export(batch).await;
        self.record(&result, spans);
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

/// Span processor that counts the sampled spans that end.
#[derive(Debug)]
pub(in crate::setup) struct EndedSpanCounter(pub(in crate::setup) Arc<SpanCounts>);

impl SpanProcessor for EndedSpanCounter {
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
