use super::{queue::Queue, reporter::Reporter};
use crate::{Error, stats::Diagnosis};
use std::{fmt, sync::Arc, time::Duration};

/// Guard returned by [`Background::start`](super::Background::start). On drop it shuts the writer down: it waits until all accepted lines
/// are written, for at most the [shutdown timeout](super::Background::with_shutdown_timeout). Lines that are logged afterwards are counted
/// as lost.
///
/// Keep it to the end of `main`. `std::process::exit` drops nothing, so call [`BackgroundWriter::flush`] before it.
///
/// [`BackgroundWriter::flush`]: super::BackgroundWriter::flush
#[must_use = "the writer is shut down when its guard is dropped"]
pub struct WorkerGuard {
    /// `None` after the shutdown.
    queue: Option<Arc<Queue>>,
    timeout: Duration,
    reporter: Reporter,
}

impl WorkerGuard {
    pub(super) fn new(queue: Arc<Queue>, timeout: Duration, reporter: Reporter) -> Self {
        Self {
            queue: Some(queue),
            timeout,
            reporter,
        }
    }

    /// Shuts the writer down now, with another timeout.
    ///
    /// # Errors
    ///
    /// If the sink did not take all lines in time. The rest is given up, and the error says how many bytes that is.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (writer, guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
    /// guard.shutdown(Duration::from_secs(5))?;
    /// # let _ = writer;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn shutdown(mut self, timeout: Duration) -> Result<(), Error> {
        self.close(timeout)
    }

    fn close(&mut self, timeout: Duration) -> Result<(), Error> {
        let Some(queue) = self.queue.take() else {
            return Ok(());
        };
        if queue.is_fork() {
            // Nothing is reported as given up, because the process that has the thread writes most of these lines.
            return queue.close(Duration::ZERO).map_err(|_| {
                Error::incomplete(
                    "this process was forked from the one that writes log lines: the parent writes the lines from before the fork, and \
                     lines that were logged in this process are lost; start the writer after the fork",
                )
            });
        }
        queue.close(timeout).map_err(|left| {
            // If the sink blocks the worker, the process may end before the worker reports this.
            if let Some(lines) = queue.unreported_abandoned() {
                self.reporter.report(&Diagnosis::LinesAbandoned { lines });
            }
            Error::incomplete(format!(
                "{left} bytes of log lines were not written within {timeout:?} and are given up: the sink failed or was too \
                 slow; `Background::with_shutdown_timeout` gives it more time"
            ))
        })
    }
}

impl Drop for WorkerGuard {
    fn drop(&mut self) {
        // The error was reported.
        let _ = self.close(self.timeout);
    }
}

impl fmt::Debug for WorkerGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WorkerGuard").field(&self.queue).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::line_buffer::AcceptLine as _;
    use crate::{stats::Diagnostics, writer::Overflow};
    use std::sync::Mutex;
    use tracing_core::Level;

    #[test]
    fn a_forked_process_does_not_report_lines_as_lost_that_its_parent_writes() {
        let reported = Arc::<Mutex<Vec<String>>>::default();
        let guard = || {
            let reported = Arc::clone(&reported);
            let diagnostics = Diagnostics::Callback(Arc::new(move |diagnosis| {
                let mut reported = reported
                    .lock()
                    .expect("nothing panics while the lock is held");
                reported.push(diagnosis.to_string());
            }));
            let queue = Queue::new(Vec::new(), 1024, Overflow::Drop).forked();
            queue.accept(Level::INFO, b"a line\n");
            WorkerGuard::new(Arc::new(queue), Duration::MAX, Reporter(diagnostics))
        };
        drop(guard());
        let error = guard()
            .shutdown(Duration::MAX)
            .expect_err("a line is waiting");
        assert!(error.to_string().contains("forked"), "{error}");
        assert_eq!(
            *reported
                .lock()
                .expect("nothing panics while the lock is held"),
            [""; 0]
        );
    }
}
