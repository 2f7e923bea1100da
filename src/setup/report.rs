use super::exporter::SpanCounts;
use crate::writer;

/// Counts of delivered and lost spans and lines, returned by [`ShutdownGuard::shutdown`](super::ShutdownGuard::shutdown) and
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
    /// Returns a report of the current counts.
    pub(super) fn new(counts: &SpanCounts, lines: writer::Stats) -> Self {
        Self {
            exported: counts.exported(),
            ended: counts.ended(),
            is_exporting: counts.is_exporting(),
            lines,
            unshipped: 0,
            is_final: false,
        }
    }

    /// Returns this report as that of a completed shutdown: spans and lines that are not delivered are lost.
    pub(super) fn at_end(self, unshipped: u64) -> Self {
        Self {
            unshipped,
            is_final: true,
            ..self
        }
    }

    /// Returns whether no span and no line is lost. Lines that are not shipped yet are not lost, because they are in their file.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.spans_lost() == 0 && self.lines_lost() == 0
    }

    /// Returns the number of spans that the backend has accepted.
    #[must_use]
    pub fn spans_exported(&self) -> u64 {
        self.exported
    }

    /// Returns the number of sampled spans that have ended and that the backend has not accepted: it did not accept them in time, or more
    /// of them ended at once than `OTEL_BSP_MAX_QUEUE_SIZE`. Always 0 without an exporter, and with a tracer provider of your own.
    #[must_use]
    pub fn spans_lost(&self) -> u64 {
        if self.is_exporting {
            self.ended.saturating_sub(self.exported)
        } else {
            0
        }
    }

    /// Returns the number of lines that the writer did not accept. After a shutdown it includes lines that were accepted and not written,
    /// because the sink failed or was too slow.
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

    /// Returns the number of bytes that are written and not shipped yet. The next start ships them. It is known after a shutdown, and 0
    /// before it or without shipping.
    #[must_use]
    pub fn unshipped_bytes(&self) -> u64 {
        self.unshipped
    }

    /// Returns the counters of the writer of the lines.
    #[must_use]
    pub fn lines(&self) -> writer::Stats {
        self.lines
    }
}
