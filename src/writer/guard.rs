use super::{queue::Queue, worker::Told};
use crate::{Error, stats::Diagnosis};
use std::{fmt, sync::Arc, time::Duration};

/// Shuts a [`Background`](super::Background) down when it is dropped: waits until everything is written that was accepted, for
/// [so long at the most](super::Background::with_shutdown_timeout). What is logged afterwards is lost and counted.
///
/// Keep it to the end of `main`. `std::process::exit` drops nothing: call [`BackgroundWriter::flush`] before.
///
/// [`BackgroundWriter::flush`]: super::BackgroundWriter::flush
///
/// ```
/// let (writer, guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
/// drop(guard);
/// # let _ = writer;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[must_use = "the writer is shut down when its guard is dropped"]
pub struct WorkerGuard {
    /// Until it is shut down.
    queue: Option<Arc<Queue>>,
    timeout: Duration,
    told: Told,
}

impl WorkerGuard {
    pub(super) fn new(queue: Arc<Queue>, timeout: Duration, told: Told) -> Self {
        Self {
            queue: Some(queue),
            timeout,
            told,
        }
    }

    /// Shuts down now, within another time.
    ///
    /// # Errors
    ///
    /// When the sink did not take everything in time: how many bytes are left. They are given up.
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
            // Without a report: most of it, if not all, is written by the process that has the thread.
            return queue.close(Duration::ZERO).map_err(|_| {
                Error::new(
                    "this process was forked from the one that writes log lines: that one writes lines of before the fork, and lines \
                     that were logged here are lost; start the writer after the fork",
                )
            });
        }
        queue.close(timeout).map_err(|left| {
            // Where the sink blocks its thread, nobody else tells before the process is gone.
            if let Some(lines) = queue.abandoned_untold() {
                self.told.tell(&Diagnosis::LinesAbandoned { lines });
            }
            Error::new(format!(
                "{left} bytes of log lines were not written within {timeout:?} and are given up: the sink failed or was too \
                 slow; `Background::with_shutdown_timeout` gives it more time"
            ))
        })
    }
}

impl Drop for WorkerGuard {
    fn drop(&mut self) {
        // It has been told.
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
    use crate::writer::pieces::Accept as _;
    use crate::{stats::Diagnostics, writer::Overflow};
    use std::sync::Mutex;
    use tracing_core::Level;

    #[test]
    fn a_forked_process_reports_no_lines_as_lost_that_the_first_process_writes() {
        let told = Arc::<Mutex<Vec<String>>>::default();
        let tell = Arc::clone(&told);
        let guard = || {
            let tell = Arc::clone(&tell);
            let diagnostics = Diagnostics::Callback(Arc::new(move |diagnosis| {
                let mut told = tell.lock().expect("nothing panics");
                told.push(diagnosis.to_string());
            }));
            let queue = Queue::new(Vec::new(), 1024, Overflow::Drop).forked();
            queue.accept(Level::INFO, b"a line\n");
            WorkerGuard::new(Arc::new(queue), Duration::MAX, Told(diagnostics))
        };
        drop(guard());
        let error = guard().shutdown(Duration::MAX).expect_err("a line waits");
        assert!(error.to_string().contains("forked"), "{error}");
        assert_eq!(*told.lock().expect("nothing panics"), [""; 0]);
    }
}
