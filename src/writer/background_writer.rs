use super::{LineWriter, Stats, queue::Queue};
use crate::Error;
use std::{sync::Arc, time::Duration};
use tracing_core::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Writer for a layer, returned by [`Background::start`](super::Background::start). Clones write to the same sink.
#[derive(Clone, Debug)]
pub struct BackgroundWriter {
    queue: Arc<Queue>,
}

impl BackgroundWriter {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Self { queue }
    }

    /// Returns a writer for a line of this level.
    #[inline]
    pub(super) fn line(&self, level: Level) -> LineWriter<'_> {
        LineWriter::new(&self.queue, level)
    }

    /// Waits until the sink has taken and flushed every line that any thread has logged before the call. Blocks for at most `timeout`.
    ///
    /// # Errors
    ///
    /// If the sink has not done so within `timeout`, or if there is no thread to write: after the shutdown, or in a forked process.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (writer, _guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
    /// writer.flush(Duration::from_secs(5))?;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.queue.flush(timeout).map_err(|left| {
            let why = if self.queue.is_fork() {
                "this process was forked and has no writer thread: start another `Background` in it"
                    .to_owned()
            } else {
                format!(
                    "the sink did not take them within {timeout:?}, or the writer was shut down"
                )
            };
            Error::incomplete(format!(
                "{left} bytes of log lines are not written yet: {why}"
            ))
        })
    }

    /// Returns the current counters.
    ///
    /// ```
    /// let (writer, _guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
    /// assert_eq!(writer.stats().accepted_lines(), 0);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.queue.stats()
    }
}

impl<'a> MakeWriter<'a> for BackgroundWriter {
    type Writer = LineWriter<'a>;

    /// Returns a writer for a line of unknown level, which is treated as ERROR.
    fn make_writer(&'a self) -> LineWriter<'a> {
        self.line(Level::ERROR)
    }

    #[inline]
    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> LineWriter<'a> {
        self.line(*metadata.level())
    }
}
