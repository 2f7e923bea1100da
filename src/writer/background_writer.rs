use super::{LineWriter, Stats, queue::Queue};
use crate::Error;
use std::{sync::Arc, time::Duration};
use tracing_core::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// The near end of a [`Background`](super::Background): what a layer writes to. Clones write to the same.
///
/// ```
/// let (writer, _guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
/// let layer = tracing_stamp::layer().with_writer(writer.clone());
/// # let _ = layer;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BackgroundWriter {
    queue: Arc<Queue>,
}

impl BackgroundWriter {
    pub(super) fn new(queue: Arc<Queue>) -> Self {
        Self { queue }
    }

    /// A line of this level.
    #[inline]
    pub(super) fn line(&self, level: Level) -> LineWriter<'_> {
        LineWriter::new(&self.queue, level)
    }

    /// Waits until the sink has taken and flushed every line that was accepted before the call, on any thread. Blocks for
    /// `timeout` at the most.
    ///
    /// # Errors
    ///
    /// When it has not in that time, or when nobody is left to write: after a shutdown, or in a forked process.
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
                "this process was forked and has no thread that writes: start another `Background` in it".to_owned()
            } else {
                format!("the sink has not taken them within {timeout:?}, or the writer was shut down")
            };
            Error::new(format!("not all log lines are written ({left} bytes wait): {why}"))
        })
    }

    /// The counters of this moment.
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

    /// For a line of no known level, which is treated as ERROR.
    fn make_writer(&'a self) -> LineWriter<'a> {
        self.line(Level::ERROR)
    }

    #[inline]
    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> LineWriter<'a> {
        self.line(*metadata.level())
    }
}
