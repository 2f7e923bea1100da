use super::exporter::Counts;
use crate::writer;

/// What was delivered, and what was not: returned by [`ShutdownGuard::shutdown`](super::ShutdownGuard::shutdown) and
/// [`ShutdownGuard::report`](super::ShutdownGuard::report).
///
/// ```
/// use std::time::Duration;
///
/// let (_dispatch, guard) = tracing_stamp::setup().build()?;
/// let report = guard.shutdown(Duration::from_secs(5));
/// if !report.is_complete() {
///     eprintln!("{} spans and {} lines lost", report.spans_lost(), report.lines_lost());
/// }
/// # assert!(report.is_complete());
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Report {
    ended: u64,
    exported: u64,
    is_exporting: bool,
    lines: writer::Stats,
    unshipped: u64,
    is_final: bool,
}

impl Report {
    /// A report of this moment.
    pub(super) fn new(counts: &Counts, lines: writer::Stats) -> Self {
        Self {
            exported: counts.exported(),
            ended: counts.ended(),
            is_exporting: counts.is_exporting(),
            lines,
            unshipped: 0,
            is_final: false,
        }
    }

    /// The same after the shutdown, when what is not delivered is lost.
    pub(super) fn at_end(self, unshipped: u64) -> Self {
        Self {
            unshipped,
            is_final: true,
            ..self
        }
    }

    /// Whether no span and no line is lost. Lines that are left to be shipped are not lost: they are in their file.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.spans_lost() == 0 && self.lines_lost() == 0
    }

    /// The number of spans that the backend has accepted.
    #[must_use]
    pub fn spans_exported(&self) -> u64 {
        self.exported
    }

    /// The number of sampled spans that have ended and that the backend has not accepted: it did not accept them in time, or more of them
    /// ended at once than `OTEL_BSP_MAX_QUEUE_SIZE`. Always 0 without an exporter, and with a tracer provider of your own.
    #[must_use]
    pub fn spans_lost(&self) -> u64 {
        if self.is_exporting {
            self.ended.saturating_sub(self.exported)
        } else {
            0
        }
    }

    /// The number of lines that were not accepted by the writer or, after a shutdown, were accepted and not written: the sink failed, or
    /// was too slow.
    #[must_use]
    pub fn lines_lost(&self) -> u64 {
        let unwritten = if self.is_final {
            let accepted = self.lines.accepted_lines();
            accepted.saturating_sub(self.lines.written_lines())
        } else {
            self.lines.abandoned_lines()
        };
        self.lines.lost_lines() + unwritten
    }

    /// The number of bytes that are written and not shipped yet; the next start ships them. Known after a shutdown; 0 before it, and where
    /// nothing is shipped.
    #[must_use]
    pub fn unshipped_bytes(&self) -> u64 {
        self.unshipped
    }

    /// The counters of the lines' writer.
    #[must_use]
    pub fn lines(&self) -> writer::Stats {
        self.lines
    }
}
