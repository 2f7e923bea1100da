use super::queue::Queue;
use crate::Error;
use std::{sync::Arc, time::Duration};

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
#[derive(Debug)]
#[must_use = "the writer is shut down when its guard is dropped"]
pub struct Guard {
    queue: Arc<Queue>,
    timeout: Duration,
}

impl Guard {
    pub(super) fn new(queue: Arc<Queue>, timeout: Duration) -> Self {
        Self { queue, timeout }
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
    pub fn shutdown(self, timeout: Duration) -> Result<(), Error> {
        close(&self.queue, timeout)
    }
}

fn close(queue: &Queue, timeout: Duration) -> Result<(), Error> {
    queue.close(timeout).map_err(|left| {
        Error::new(format!(
            "{left} bytes of log lines were not written within {timeout:?} and are given up: see the sink's error on standard \
             error, or give it more time by `Background::with_shutdown_timeout`"
        ))
    })
}

impl Drop for Guard {
    fn drop(&mut self) {
        // The worker tells how many lines it gives up.
        let _ = close(&self.queue, self.timeout);
    }
}
