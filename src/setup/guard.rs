use super::{
    exporter::{ExporterRuntime, SpanCounts},
    filter::FilterHandle,
    lines_filter::TargetCheck,
    report::Report,
    shipping::RunningShipper,
    unstamped::UnstampedReport,
};
#[cfg(feature = "testing")]
use crate::schema::Schema;
use crate::{
    burst::BurstGuard,
    layer::HeldLines,
    stats::{Diagnosis, Diagnostics, Stats},
    writer::{LogGuard, LogWriter},
};
#[cfg(feature = "testing")]
use log_redaction::Redactor;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::{
    fmt, mem, process,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// Guard returned by [`init`](crate::init). On drop it exports the remaining spans, writes the remaining lines and ships what it can,
/// waiting at most the [shutdown timeout](crate::setup::Setup::with_shutdown_timeout).
///
/// Keep it to the end of `main`: `let _guard = tracing_stamp::init()?;`. The pattern `let _ = …` drops it at once.
///
/// `std::process::exit` does not drop it. Spans that wait for their export are then lost. Lines are lost if they are written in the
/// background, and otherwise only in the cases that [`with_background`](crate::setup::Setup::with_background) lists.
#[must_use = "dropping the guard shuts down logging and tracing"]
pub struct ShutdownGuard {
    parts: Parts,
    timeout: Duration,
    is_shut_down: bool,
    /// The id of the process that called `init` and has the threads.
    process: u32,
}

pub(super) struct Parts {
    pub(super) tracer_provider: Option<SdkTracerProvider>,
    pub(super) counts: Arc<SpanCounts>,
    pub(super) exporter_runtime: ExporterRuntime,
    pub(super) writer: LogWriter,
    pub(super) held: HeldLines,
    pub(super) diagnostics: Diagnostics,
    pub(super) lines: Option<LogGuard>,
    pub(super) shipping: RunningShipper,
    pub(super) stats: Stats,
    /// Reports the lines that were left out during a storm, until it has done so.
    pub(super) burst: Option<BurstGuard>,
    #[cfg(feature = "testing")]
    pub(super) schema: Schema,
    #[cfg(feature = "testing")]
    pub(super) redactor: Option<Redactor>,
    /// Whether this is the guard of `init`, which is dropped when the process ends.
    pub(super) is_global: bool,
    pub(super) target_check: Arc<TargetCheck>,
    /// The last line, until it is written.
    pub(super) unstamped: Option<UnstampedReport>,
    pub(super) filter: FilterHandle,
}

impl ShutdownGuard {
    pub(super) fn new(parts: Parts, timeout: Duration) -> Self {
        Self {
            parts,
            timeout,
            is_shut_down: false,
            process: process::id(),
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn schema(&self) -> &Schema {
        &self.parts.schema
    }

    #[cfg(feature = "testing")]
    pub(crate) fn redactor(&self) -> Option<&Redactor> {
        self.parts.redactor.as_ref()
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Exports the remaining spans, writes the remaining lines and ships what it can, waiting at most `timeout`. Returns what was delivered
    /// and what was lost.
    ///
    /// It blocks the calling thread and needs no thread of an async runtime, so it is safe within a runtime, even one with a single thread. In
    /// a process that was forked from the one that called `init` it delivers nothing, because the threads are in the first process.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// let report = guard.shutdown(Duration::from_secs(5));
    /// assert!(report.is_complete());
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn shutdown(mut self, timeout: Duration) -> Report {
        self.shut_down(timeout)
    }

    /// Returns what was delivered and lost so far.
    #[must_use]
    pub fn report(&self) -> Report {
        Report::new(&self.parts.counts, self.parts.writer.stats())
    }

    /// Returns counters of lines with ids and lines without.
    ///
    /// ```
    /// let (dispatch, guard) = tracing_stamp::setup().build()?;
    /// tracing::dispatcher::with_default(&dispatch, || {
    ///     tracing::info_span!("request").in_scope(|| tracing::info!("within a span"));
    ///     tracing::info!("outside of any span");
    /// });
    /// assert_eq!((guard.stats().stamped(), guard.stats().unstamped()), (1, 1));
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.parts.stats.clone()
    }

    /// Returns the writer of the lines. If they are written in the background, flush it before `std::process::exit`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// guard.writer().flush(Duration::from_secs(5))?;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn writer(&self) -> LogWriter {
        self.parts.writer.clone()
    }

    /// Returns a handle that changes the filter while the process runs.
    #[must_use]
    pub fn filter(&self) -> FilterHandle {
        self.parts.filter.clone()
    }

    /// Whether this process was forked from the one that has the threads.
    fn is_fork(&self) -> bool {
        self.process != process::id()
    }

    /// Gives up all parts without waiting, in a forked process. It has no threads that could be shut down, and waiting for them would
    /// never end. The first process delivers the spans and lines from before the fork.
    fn release_in_fork(&mut self) -> Report {
        // Dropping these would wait for their threads.
        mem::forget(self.parts.tracer_provider.take());
        mem::forget(mem::take(&mut self.parts.exporter_runtime));
        self.parts.unstamped = None;
        if let Some(burst) = self.parts.burst.take() {
            burst.forget();
        }
        self.parts.shipping.shut_down(Duration::ZERO);
        if let Some(lines) = self.parts.lines.take() {
            // The first process writes them.
            let _ = lines.shutdown(Duration::ZERO);
        }
        self.report()
    }

    /// Reports, at the end of the process, why no line was written or why no line has ids.
    fn report_missing_lines_and_ids(&self) {
        let parts = &self.parts;
        parts.stats.note_guard_dropped();
        if let Some(diagnosis) = parts.target_check.unmatched_at_end() {
            parts.diagnostics.report(&diagnosis);
        }
        if parts.tracer_provider.is_some()
            && let Some(diagnosis) = parts.stats.absence()
        {
            parts.diagnostics.report(&diagnosis);
        }
    }

    fn shut_down(&mut self, timeout: Duration) -> Report {
        self.is_shut_down = true;
        if self.is_fork() {
            return self.release_in_fork();
        }
        let begin = Instant::now();
        if self.parts.is_global {
            self.report_missing_lines_and_ids();
        }
        if let Some(provider) = self.parts.tracer_provider.take() {
            // Spans come first, because their exporter may still log lines. A separate thread shuts the provider down, because
            // exporters may exceed the timeout.
            let (done, is_done) = std::sync::mpsc::channel();
            let started = thread::Builder::new()
                .name("tracing-stamp-shutdown".into())
                .spawn(move || {
                    let _ = provider.shutdown_with_timeout(timeout);
                    let _ = done.send(());
                });
            if started.is_ok() {
                let _ = is_done.recv_timeout(timeout);
            }
        }
        self.parts.exporter_runtime.shut_down();
        drop(self.parts.burst.take());
        if thread::panicking() {
            self.parts.held.release_on_panic();
        }
        self.parts.held.release_at_shutdown();
        if let Some(unstamped) = self.parts.unstamped.take() {
            unstamped.write(&self.parts.stats, &self.parts.writer);
        }
        let left = timeout.saturating_sub(begin.elapsed());
        if let Some(lines) = self.parts.lines.take() {
            // Writing gets a moment even if the timeout is over. The report counts the lines that remain.
            let _ = lines.shutdown(left.max(Duration::from_millis(100)));
        }
        // By now the lines are in their file.
        let left = timeout.saturating_sub(begin.elapsed());
        let unshipped = self.parts.shipping.shut_down(left);
        if unshipped > 0 {
            self.parts
                .diagnostics
                .report(&Diagnosis::LinesUnshipped { bytes: unshipped });
        }
        self.report().at_end(unshipped)
    }
}

impl Drop for ShutdownGuard {
    fn drop(&mut self) {
        if !self.is_shut_down {
            // The writer itself reports lost lines.
            let spans = self.shut_down(self.timeout).spans_lost();
            if spans > 0 && !self.is_fork() {
                self.parts
                    .diagnostics
                    .report(&Diagnosis::SpansLost { spans });
            }
        }
    }
}

impl fmt::Debug for ShutdownGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShutdownGuard")
            .field("report", &self.report())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::exporter::MonitoredExporter;
    use std::sync::Mutex;

    #[test]
    fn a_forked_process_reports_no_loss_when_it_drops_the_guard() {
        let diagnoses = Arc::<Mutex<Vec<String>>>::default();
        let received = Arc::clone(&diagnoses);
        let setup = crate::setup()
            .with_writer(std::io::sink())
            .with_diagnostics(move |diagnosis| {
                let mut received = received.lock().expect("no thread has panicked");
                received.push(diagnosis.to_string());
            });
        let (dispatch, mut guard) = setup.build().expect("the set-up is valid");
        // With an exporter that accepts nothing, the span counts as lost in this process.
        drop(MonitoredExporter::new(
            (),
            String::new(),
            Arc::default(),
            Arc::clone(&guard.parts.counts),
        ));
        tracing_core::dispatcher::with_default(&dispatch, || {
            tracing::info_span!("job").in_scope(|| ());
        });
        assert_eq!(guard.report().spans_lost(), 1);
        guard.process = process::id() + 1;
        drop(guard);
        assert_eq!(*diagnoses.lock().expect("no thread has panicked"), [""; 0]);
    }
}
