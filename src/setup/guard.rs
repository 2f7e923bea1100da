use super::{
    exporter::{Counts, Kept},
    filter::FilterHandle,
    lines_filter::Watch,
    shipping::Running,
    unstamped::UnstampedReport,
};
use crate::{
    Error,
    schema::Schema,
    stats::{Diagnosis, Diagnostics, Stats},
    writer::{self, LogGuard, LogWriter},
};
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::{
    fmt, mem, process,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// ShutdownGuard returned by [`init`](crate::init). On drop it exports the remaining spans and writes the remaining lines, waiting at most the
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
    /// Of the lines.
    pub(super) schema: Schema,
    /// It is of `init`, and the process ends with it.
    pub(super) is_global: bool,
    pub(super) watch: Arc<Watch>,
    /// Until it is written.
    pub(super) unstamped: Option<UnstampedReport>,
    pub(super) filter: FilterHandle,
}

/// What was delivered until a shutdown.
///
/// ```
/// use std::time::Duration;
///
/// let (_dispatch, guard) = tracing_stamp::setup().build()?;
/// let report = guard.shutdown(Duration::from_secs(5))?;
/// assert_eq!((report.spans_lost(), report.lines().lost_lines()), (0, 0));
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Report {
    ended: u64,
    exported: u64,
    is_exporting: bool,
    lines: writer::Stats,
    unshipped: u64,
}

impl Report {
    /// Spans that the backend has taken.
    ///
    /// ```
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// assert_eq!(guard.report().spans_exported(), 0);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn spans_exported(&self) -> u64 {
        self.exported
    }

    /// Sampled spans that have ended and that it has not taken, so far. None where there is no exporter, or a provider of your own.
    ///
    /// ```
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// assert_eq!(guard.report().spans_lost(), 0);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn spans_lost(&self) -> u64 {
        if self.is_exporting {
            self.ended.saturating_sub(self.exported)
        } else {
            0
        }
    }

    /// Bytes of lines that are written and were not shipped: the next start ships them. Known after a shutdown, and 0 before, and where
    /// nothing is shipped.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// assert_eq!(guard.shutdown(Duration::from_secs(5))?.unshipped_bytes(), 0);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn unshipped_bytes(&self) -> u64 {
        self.unshipped
    }

    /// What became of lines.
    ///
    /// ```
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// assert_eq!(guard.report().lines().lost_lines(), 0);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn lines(&self) -> writer::Stats {
        self.lines
    }
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

    /// Shuts down within another time, and says what was delivered. Blocks the calling thread, and no other: it is safe within an
    /// async runtime, also one of a single thread.
    ///
    /// # Errors
    ///
    /// When spans or lines were not delivered in that time: how many.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// guard.shutdown(Duration::from_secs(5))?;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn shutdown(mut self, timeout: Duration) -> Result<Report, Error> {
        self.shut_down(timeout)
    }

    /// What was delivered so far.
    ///
    /// ```
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// let report = guard.report();
    /// # let _ = report;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn report(&self) -> Report {
        let counts = &self.parts.counts;
        Report {
            exported: counts.exported(),
            ended: counts.ended(),
            is_exporting: counts.is_exporting(),
            lines: self.parts.writer.stats(),
            unshipped: 0,
        }
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
    fn leave_to_first_process(&mut self) -> Result<Report, Error> {
        // Dropping them would wait for their threads.
        mem::forget(self.parts.provider.take());
        mem::forget(mem::take(&mut self.parts.kept));
        self.parts.unstamped = None;
        self.parts.shipping.shut_down(Duration::ZERO);
        let lines = self.parts.lines.take();
        lines
            .map_or(Ok(()), |lines| lines.shutdown(Duration::ZERO))
            .map(|()| self.report())
    }

    /// Reports, now that the process ends, why nothing was logged or no line has ids.
    fn report_filter_and_absence(&self) {
        let parts = &self.parts;
        parts.stats.note_guard_dropped();
        if let Some(diagnosis) = parts.watch.unmatched_at_end() {
            parts.diagnostics.tell(&diagnosis);
        }
        if parts.provider.is_some()
            && let Some(diagnosis) = parts.stats.absence()
        {
            parts.diagnostics.tell(&diagnosis);
        }
    }

    fn shut_down(&mut self, timeout: Duration) -> Result<Report, Error> {
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
        let lines = match self.parts.lines.take() {
            // Writing what is there takes a moment also where the time is over.
            Some(lines) => lines.shutdown(left.max(Duration::from_millis(100))),
            None => Ok(()),
        };
        // Lines are in their file by now.
        let left = timeout.saturating_sub(begin.elapsed());
        let unshipped = self.parts.shipping.shut_down(left);
        if unshipped > 0 {
            self.parts
                .diagnostics
                .tell(&Diagnosis::LinesUnshipped { bytes: unshipped });
        }
        let report = Report {
            unshipped,
            ..self.report()
        };
        let spans = report.spans_lost();
        match (spans, lines) {
            (0, lines) => lines.map(|()| report),
            (spans, Ok(())) => Err(undelivered(spans)),
            (spans, Err(lines)) => Err(Error::new(format!("{}; {lines}", undelivered(spans)))),
        }
    }
}

fn undelivered(spans: u64) -> Error {
    Error::new(format!(
        "{spans} spans were not delivered: their backend did not take them in time, or there were more at once than \
         OTEL_BSP_MAX_QUEUE_SIZE"
    ))
}

impl Drop for ShutdownGuard {
    fn drop(&mut self) {
        if !self.is_shut_down {
            // Lines that were not delivered are reported by their writer.
            let _ = self.shut_down(self.timeout);
            let spans = self.report().spans_lost();
            if spans > 0 && !self.is_fork() {
                self.parts.diagnostics.tell(&Diagnosis::SpansLost { spans });
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
