use super::{
    Background, BackgroundWriter, LineWriter, Stats, WorkerGuard,
    direct::{Direct, Sink},
    pieces::Pieces,
    worker::Told,
};
use crate::{Error, layer::OwnLines, schema::Schema, stats::Diagnostics};
use opentelemetry::KeyValue;
use std::{
    fmt,
    io::{self, Write},
    sync::Arc,
    time::Duration,
};
use tracing_core::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// The writer of what [`init`](crate::init) starts. Returned by [`ShutdownGuard::writer`](crate::setup::ShutdownGuard::writer); clones write to the same
/// place.
///
/// ```
/// let (_dispatch, guard) = tracing_stamp::setup().with_writer(std::io::sink()).build()?;
/// let layer = tracing_stamp::layer().with_writer(guard.writer());
/// # let _ = layer;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone)]
pub struct LogWriter {
    way: Way,
}

#[derive(Clone)]
enum Way {
    Direct(Arc<Direct>),
    Background(BackgroundWriter),
}

/// Shuts the writer down.
pub(crate) enum LogGuard {
    Direct(Arc<Direct>),
    Background(WorkerGuard),
}

impl LogWriter {
    /// A writer whose lines are with the operating system before the call returns.
    pub(crate) fn direct(
        sink: Box<dyn Write + Send>,
        schema: Schema,
        resource: Vec<KeyValue>,
        diagnostics: Diagnostics,
        outlives_guard: bool,
    ) -> (Self, LogGuard) {
        let sink = Sink::new(sink, OwnLines::new(schema, resource));
        let direct = Arc::new(Direct::new(sink, Told(diagnostics), outlives_guard));
        let way = Way::Direct(Arc::clone(&direct));
        (Self { way }, LogGuard::Direct(direct))
    }

    /// A writer whose lines are written by a thread of its own.
    ///
    /// # Errors
    ///
    /// When there is no memory or no thread.
    pub(crate) fn background(
        background: Background<Box<dyn Write + Send>>,
    ) -> Result<(Self, LogGuard), Error> {
        let (writer, guard) = background.start()?;
        let way = Way::Background(writer);
        Ok((Self { way }, LogGuard::Background(guard)))
    }

    /// Waits until every line that was accepted before the call is written. Blocks for `timeout` at most.
    ///
    /// # Errors
    ///
    /// When the sink has not taken the lines in that time.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// guard.writer().flush(Duration::from_secs(5))?;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn flush(&self, timeout: Duration) -> Result<(), Error> {
        match &self.way {
            Way::Background(writer) => writer.flush(timeout),
            Way::Direct(direct) => direct.flush(timeout).map_err(|left| {
                Error::new(format!(
                    "not all log lines are written ({left} bytes wait): the sink has not taken them within {timeout:?}"
                ))
            }),
        }
    }

    /// The counters of this moment.
    ///
    /// ```
    /// let (_dispatch, guard) = tracing_stamp::setup().build()?;
    /// assert_eq!(guard.writer().stats().accepted_lines(), 0);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        match &self.way {
            Way::Background(writer) => writer.stats(),
            Way::Direct(direct) => direct.stats(),
        }
    }
}

impl LogGuard {
    /// Shuts down within this time.
    ///
    /// # Errors
    ///
    /// When the sink did not take everything in time: how many bytes are left.
    pub(crate) fn shutdown(self, timeout: Duration) -> Result<(), Error> {
        match self {
            Self::Background(guard) => guard.shutdown(timeout),
            Self::Direct(direct) => direct.close(timeout).map_err(|left| {
                Error::new(format!(
                    "{left} bytes of log lines were not written within {timeout:?} and are given up: the sink failed or was too slow"
                ))
            }),
        }
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = LogLine<'a>;

    /// For a line of no known level, which is treated as ERROR.
    fn make_writer(&'a self) -> LogLine<'a> {
        self.line(Level::ERROR)
    }

    #[inline]
    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> LogLine<'a> {
        self.line(*metadata.level())
    }
}

impl LogWriter {
    #[inline]
    fn line(&self, level: Level) -> LogLine<'_> {
        LogLine(match &self.way {
            Way::Direct(direct) => Line::Direct(Pieces::new(&**direct, level)),
            Way::Background(writer) => Line::Background(writer.line(level)),
        })
    }
}

/// One line of a [`LogWriter`]. Pieces gather until the line ends.
///
/// ```
/// use std::io::Write as _;
/// use tracing_subscriber::fmt::MakeWriter as _;
///
/// let (_dispatch, guard) = tracing_stamp::setup().with_writer(std::io::sink()).build()?;
/// writeln!(guard.writer().make_writer(), "{}", "in pieces, and one line").expect("it never fails");
/// assert_eq!(guard.writer().stats().accepted_lines(), 1);
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Debug)]
pub struct LogLine<'a>(Line<'a>);

#[derive(Debug)]
enum Line<'a> {
    Direct(Pieces<'a, Direct>),
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

    /// Does nothing: see [`LogWriter::flush`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for LogWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogWriter").field(&self.stats()).finish()
    }
}
