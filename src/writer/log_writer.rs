use super::{
    Background, BackgroundWriter, LineWriter, Stats, WorkerGuard,
    direct::{DirectWriter, Sink},
    line_buffer::LineBuffer,
    reporter::Reporter,
};
use crate::{Error, layer::OwnLines, stats::Diagnostics};
use std::{
    fmt,
    io::{self, Write},
    sync::Arc,
    time::Duration,
};
use tracing_core::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Writer that [`init`](crate::init) has started, returned by
/// [`ShutdownGuard::writer`](crate::setup::ShutdownGuard::writer). Clones write to the same sink.
///
/// ```
/// let (_dispatch, guard) = tracing_stamp::setup().with_writer(std::io::sink()).build()?;
/// let layer = tracing_stamp::layer().with_writer(guard.writer());
/// # let _ = layer;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone)]
pub struct LogWriter {
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Direct(Arc<DirectWriter>),
    Background(BackgroundWriter),
}

/// Guard that shuts a [`LogWriter`] down.
pub(crate) enum LogGuard {
    Direct(Arc<DirectWriter>),
    Background(WorkerGuard),
}

impl LogWriter {
    /// Returns a writer that writes each line before the logging call returns.
    pub(crate) fn direct(
        sink: Box<dyn Write + Send>,
        own_lines: OwnLines,
        diagnostics: Diagnostics,
        outlives_guard: bool,
    ) -> (Self, LogGuard) {
        let sink = Sink::new(sink, own_lines);
        let direct = Arc::new(DirectWriter::new(
            sink,
            Reporter(diagnostics),
            outlives_guard,
        ));
        let kind = Kind::Direct(Arc::clone(&direct));
        (Self { kind }, LogGuard::Direct(direct))
    }

    /// Returns a writer that writes lines on a thread of its own.
    ///
    /// # Errors
    ///
    /// If there is not enough memory, or no thread can be created.
    pub(crate) fn background(
        background: Background<Box<dyn Write + Send>>,
    ) -> Result<(Self, LogGuard), Error> {
        let (writer, guard) = background.start()?;
        let kind = Kind::Background(writer);
        Ok((Self { kind }, LogGuard::Background(guard)))
    }

    /// Waits until every line that was accepted before the call is written. Blocks for at most `timeout`.
    ///
    /// # Errors
    ///
    /// If the sink has not taken the lines within `timeout`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// guard.writer().flush(Duration::from_secs(5))?;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn flush(&self, timeout: Duration) -> Result<(), Error> {
        match &self.kind {
            Kind::Background(writer) => writer.flush(timeout),
            Kind::Direct(direct) => direct.flush(timeout).map_err(|left| {
                Error::incomplete(format!(
                    "{left} bytes of log lines are not written yet: the sink did not take them within {timeout:?}"
                ))
            }),
        }
    }

    /// Returns the current counters.
    ///
    /// ```
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// assert_eq!(guard.writer().stats().accepted_lines(), 0);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        match &self.kind {
            Kind::Background(writer) => writer.stats(),
            Kind::Direct(direct) => direct.stats(),
        }
    }

    /// Returns a writer for a line of this level.
    #[inline]
    fn line(&self, level: Level) -> LogLine<'_> {
        LogLine(match &self.kind {
            Kind::Direct(direct) => Line::Direct(LineBuffer::new(&**direct, level)),
            Kind::Background(writer) => Line::Background(writer.line(level)),
        })
    }
}

impl LogGuard {
    /// Shuts the writer down within `timeout`.
    ///
    /// # Errors
    ///
    /// If the sink did not take all lines in time. The error says how many bytes are given up.
    pub(crate) fn shutdown(self, timeout: Duration) -> Result<(), Error> {
        match self {
            Self::Background(guard) => guard.shutdown(timeout),
            Self::Direct(direct) => direct.close(timeout).map_err(|left| {
                Error::incomplete(format!(
                    "{left} bytes of log lines were not written within {timeout:?} and are given up: the sink failed or was too slow"
                ))
            }),
        }
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = LogLine<'a>;

    /// Returns a writer for a line of unknown level, which is treated as ERROR.
    fn make_writer(&'a self) -> LogLine<'a> {
        self.line(Level::ERROR)
    }

    #[inline]
    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> LogLine<'a> {
        self.line(*metadata.level())
    }
}

/// Writer of one line, created by [`LogWriter`]. Writes are gathered until the line ends.
///
/// ```
/// use std::io::Write as _;
/// use tracing_subscriber::fmt::MakeWriter as _;
///
/// let (_dispatch, guard) = tracing_stamp::setup().with_writer(std::io::sink()).build()?;
/// writeln!(guard.writer().make_writer(), "{}", "in pieces, and one line").expect("a `LogLine` never fails");
/// assert_eq!(guard.writer().stats().accepted_lines(), 1);
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Debug)]
pub struct LogLine<'a>(Line<'a>);

#[derive(Debug)]
enum Line<'a> {
    Direct(LineBuffer<'a, DirectWriter>),
    Background(LineWriter<'a>),
}

impl Write for LogLine<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Line::Direct(line) => line.push(bytes),
            Line::Background(line) => return line.write(bytes),
        }
        Ok(bytes.len())
    }

    /// Has no effect: see [`LogWriter::flush`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for LogWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogWriter").field(&self.stats()).finish()
    }
}
