use super::{
    exporter::{Counts, Kept},
    filter::FilterHandle,
    lines_filter::Watch,
    report::Report,
    shipping::Running,
    unstamped::UnstampedReport,
};
#[cfg(feature = "testing")]
use crate::schema::Schema;
use crate::{
    stats::{Diagnosis, Diagnostics, Stats},
    writer::{LogGuard, LogWriter},
};
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::{
    fmt, mem, process,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// Guard returned by [`init`](crate::init). On drop it exports the remaining spans and writes the remaining lines, waiting at most the
/// [shutdown timeout](crate::setup::Setup::with_shutdown_timeout).
///
/// Keep it to the end of `main`. `std::process::exit` does not drop it: spans that wait for their export are lost then. Lines are not,
/// unless they are written in the [background](crate::setup::Setup::with_background).
///
/// ```
/// let guard = tracing_stamp::init()?;
/// drop(guard);
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[must_use = "what runs is shut down when its guard is dropped"]
pub struct ShutdownGuard {
    parts: Parts,
    timeout: Duration,
    is_shut_down: bool,
    /// The process that has the threads.
    process: u32,
}

pub(super) struct Parts {
    pub(super) provider: Option<SdkTracerProvider>,
    pub(super) counts: Arc<Counts>,
    pub(super) kept: Kept,
    pub(super) writer: LogWriter,
    pub(super) diagnostics: Diagnostics,
    pub(super) lines: Option<LogGuard>,
    pub(super) shipping: Running,
    pub(super) stats: Stats,
    #[cfg(feature = "testing")]
    pub(super) schema: Schema,
    /// It is of `init`, and the process ends with it.
    pub(super) is_global: bool,
    pub(super) watch: Arc<Watch>,
    /// Until it is written.
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

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Exports the remaining spans, writes the remaining lines and ships what it can, waiting at most `timeout`, and reports what was
    /// delivered and what was lost.
    ///
    /// It blocks the calling thread and needs no other: it is safe within an async runtime, also one with a single thread. In a process
    /// that was forked from the one that started everything it delivers nothing, since that one has the threads.
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

    /// Reports what was delivered so far.
    #[must_use]
    pub fn report(&self) -> Report {
        Report::new(&self.parts.counts, self.parts.writer.stats())
    }

    /// Counters of stamped and unstamped lines.
    ///
    /// ```
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// assert_eq!(guard.stats().stamped(), 0);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.parts.stats.clone()
    }

    /// The writer of the lines: for a flush before `std::process::exit` where they are written in the background.
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

    /// What changes the filter while the process runs.
    ///
    /// ```
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// guard.filter().set("debug")?;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn filter(&self) -> FilterHandle {
        self.parts.filter.clone()
    }

    /// Whether this process was forked off from the one that has the threads.
    fn is_fork(&self) -> bool {
        self.process != process::id()
    }

    /// In a process that was forked off nothing runs that could be shut down: what was there before the fork is delivered by the
    /// process that has the threads. Waiting for them would not end.
    fn leave_to_first_process(&mut self) -> Report {
        // Dropping them would wait for their threads.
        mem::forget(self.parts.provider.take());
        mem::forget(mem::take(&mut self.parts.kept));
        self.parts.unstamped = None;
        self.parts.shipping.shut_down(Duration::ZERO);
        if let Some(lines) = self.parts.lines.take() {
            // The first process writes them.
            let _ = lines.shutdown(Duration::ZERO);
        }
        self.report()
    }

    /// Reports, now that the process ends, why nothing was logged or no line has ids.
    fn report_filter_and_absence(&self) {
        let parts = &self.parts;
        parts.stats.note_guard_dropped();
        if let Some(diagnosis) = parts.watch.unmatched_at_end() {
            parts.diagnostics.report(&diagnosis);
        }
        if parts.provider.is_some()
            && let Some(diagnosis) = parts.stats.absence()
        {
            parts.diagnostics.report(&diagnosis);
        }
    }

    fn shut_down(&mut self, timeout: Duration) -> Report {
        self.is_shut_down = true;
        if self.is_fork() {
            return self.leave_to_first_process();
        }
        let begin = Instant::now();
        if self.parts.is_global {
            self.report_filter_and_absence();
        }
        if let Some(provider) = self.parts.provider.take() {
            // Spans first: what their exporter says may be a line. On a thread of its own, since exporters may take longer than
            // they are given.
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
        self.parts.kept.shut_down();
        if let Some(unstamped) = self.parts.unstamped.take() {
            unstamped.write(&self.parts.stats, &self.parts.writer);
        }
        let left = timeout.saturating_sub(begin.elapsed());
        if let Some(lines) = self.parts.lines.take() {
            // Writing takes a moment also where the time is over. What is left is in the report.
            let _ = lines.shutdown(left.max(Duration::from_millis(100)));
        }
        // Lines are in their file by now.
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
            // Lines that were not delivered are reported by their writer.
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
    use crate::setup::exporter::Watched;
    use std::sync::Mutex;

    #[test]
    fn a_forked_process_reports_no_loss_when_it_drops_the_guard() {
        let told = Arc::<Mutex<Vec<String>>>::default();
        let tell = Arc::clone(&told);
        let setup = crate::setup()
            .with_writer(std::io::sink())
            .with_diagnostics(move |diagnosis| {
                let mut told = tell.lock().expect("nothing panics");
                told.push(diagnosis.to_string());
            });
        let (dispatch, mut guard) = setup.build().expect("it starts");
        // An exporter that takes nothing: so the span is lost, as far as this process knows.
        drop(Watched::new(
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
        assert_eq!(*told.lock().expect("nothing panics"), [""; 0]);
    }
}
