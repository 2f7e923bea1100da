use super::{
    BackgroundWriter, Overflow, WorkerGuard,
    queue::{OWN_BYTES, Queue},
    worker::{Told, Trouble, Worker},
};
use crate::{
    Error,
    layer::OwnLines,
    schema::Schema,
    stats::{Diagnosis, Diagnostics},
};
use opentelemetry::KeyValue;
use std::{fmt, io::Write, sync::Arc, thread, time::Duration};

/// Any [`Write`] behind a thread of its own: what logs hands over finished lines and goes on.
///
/// Lines gather in one buffer of a fixed size, and the thread writes them in large blocks of whole lines, each thread's in order.
/// An error of the sink loses nothing while the buffer lasts: the thread goes on from the byte that it came to, with pauses from
/// 2 ms to 1 s, and tells [out of band](Self::with_diagnostics) that it does so. What there is no room for is lost by
/// [rules](Overflow), counted, and told by a line of the log, like
///
/// ```json
/// {"timestamp":"2026-11-22T11:04:00.123456Z","level":"WARN","message":"lines lost","target":"tracing_stamp::writer","lost":{"INFO":17,"DEBUG":204},"first_lost":"2026-11-22T11:03:58.000017Z","last_lost":"2026-11-22T11:04:00.000003Z"}
/// ```
///
/// ```
/// use tracing_stamp::writer::Background;
/// use tracing_subscriber::prelude::*;
///
/// let (writer, _guard) = Background::new(std::io::stdout()).start()?;
/// let subscriber = tracing_subscriber::registry().with(tracing_stamp::layer().with_writer(writer));
/// # let _ = subscriber;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
///
/// # When a line is written
///
/// 10 ms after it was logged, or sooner where much is logged or somebody [flushes](BackgroundWriter::flush). A process that is
/// killed loses what was logged in that time. In a second without lines the thread goes to sleep; the next line wakes it, which is
/// the one system call that a line can cost.
///
/// # After a fork
///
/// A child of `fork` has no such thread: it writes nothing, flushing fails at once, and lines are lost when the buffer is full,
/// without waiting. Start another `Background` there. The parent's lines are written by the parent alone. As with everything that has
/// a lock, a child that was forked just while another thread logged can hang at its own first line: in a process of several threads,
/// log only after `exec`.
#[must_use = "it does nothing until it is started"]
pub struct Background<W> {
    sink: W,
    capacity: usize,
    block_bytes: usize,
    overflow: Overflow,
    shutdown_timeout: Duration,
    schema: Schema,
    resource: Vec<KeyValue>,
    diagnostics: Diagnostics,
}

impl<W> Background<W>
where
    W: Write + Send + 'static,
{
    /// A writer to `sink`, not started yet.
    ///
    /// ```
    /// let background = tracing_stamp::writer::Background::new(std::io::stderr());
    /// # let _ = background;
    /// ```
    pub fn new(sink: W) -> Self {
        Self {
            sink,
            capacity: 16 << 20,
            block_bytes: 256 << 10,
            overflow: Overflow::Drop,
            shutdown_timeout: Duration::from_secs(5),
            schema: Schema::default(),
            resource: Vec::new(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// How many bytes of lines can wait to be written; 16 MiB by default, 64 KiB at least. Twice as much address space is
    /// reserved, of which only what is used is memory. A longer line is lost.
    ///
    /// ```
    /// let background = tracing_stamp::writer::Background::new(std::io::sink()).with_capacity_bytes(1 << 20);
    /// # let _ = background;
    /// ```
    pub fn with_capacity_bytes(self, bytes: usize) -> Self {
        Self {
            capacity: bytes.max(64 << 10),
            ..self
        }
    }

    /// How long a single write is at the most, in bytes; 256 KiB by default. Each write is of whole lines, and a line that is
    /// longer is one write.
    ///
    /// For a pipe that others write to as well this is 4,096: so much the system keeps together (`PIPE_BUF` of Linux).
    ///
    /// ```
    /// let background = tracing_stamp::writer::Background::new(std::io::stdout()).with_block_bytes(4096);
    /// # let _ = background;
    /// ```
    pub fn with_block_bytes(self, bytes: usize) -> Self {
        Self {
            block_bytes: bytes,
            ..self
        }
    }

    /// What becomes of lines for which there is no room; they are [dropped](Overflow::Drop) by default.
    ///
    /// ```
    /// use tracing_stamp::writer::{Background, Overflow};
    ///
    /// let background = Background::new(std::io::sink()).with_overflow(Overflow::Drop);
    /// # let _ = background;
    /// ```
    pub fn with_overflow(self, overflow: Overflow) -> Self {
        Self { overflow, ..self }
    }

    /// How long the [`WorkerGuard`]'s drop waits for the sink; 5 s by default.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let background = tracing_stamp::writer::Background::new(std::io::sink())
    ///     .with_shutdown_timeout(Duration::from_secs(1));
    /// # let _ = background;
    /// ```
    pub fn with_shutdown_timeout(self, timeout: Duration) -> Self {
        Self {
            shutdown_timeout: timeout,
            ..self
        }
    }

    /// The schema of the line that tells of lost ones: give it the layer's.
    ///
    /// ```
    /// use tracing_stamp::{Schema, writer::Background};
    ///
    /// let background = Background::new(std::io::sink()).with_schema(Schema::ecs());
    /// # let _ = background;
    /// ```
    pub fn with_schema(self, schema: Schema) -> Self {
        Self { schema, ..self }
    }

    /// What identifies the process on the line that tells of lost ones: give it the layer's.
    ///
    /// ```
    /// let background = tracing_stamp::writer::Background::new(std::io::sink())
    ///     .with_resource([("service.name", "orders")]);
    /// # let _ = background;
    /// ```
    pub fn with_resource<K, V>(self, attributes: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<opentelemetry::Key>,
        V: Into<opentelemetry::Value>,
    {
        let attributes = attributes.into_iter();
        Self {
            resource: attributes
                .map(|(key, value)| KeyValue::new(key, value))
                .collect(),
            ..self
        }
    }

    /// Who is told that the sink fails, that it works again, and how many lines were given up at the end; standard error by
    /// default. It is called on the writer's thread; what it logs is accepted, and written when the sink takes it.
    ///
    /// ```
    /// let background = tracing_stamp::writer::Background::new(std::io::sink())
    ///     .with_diagnostics(|diagnosis| eprintln!("{diagnosis}"));
    /// # let _ = background;
    /// ```
    pub fn with_diagnostics(self, tell: impl Fn(&Diagnosis) + Send + Sync + 'static) -> Self {
        Self {
            diagnostics: Diagnostics::Callback(Arc::new(tell)),
            ..self
        }
    }

    /// Tells whom others tell too.
    #[cfg(feature = "setup")]
    pub(crate) fn with_shared_diagnostics(self, diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics,
            ..self
        }
    }

    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When the operating system gives no thread.
    ///
    /// ```
    /// let (writer, guard) = tracing_stamp::writer::Background::new(std::io::sink()).start()?;
    /// let layer = tracing_stamp::layer().with_writer(writer);
    /// # let _ = (layer, guard);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn start(self) -> Result<(BackgroundWriter, WorkerGuard), Error> {
        let capacity = self.capacity.saturating_add(OWN_BYTES);
        let mut lines = Vec::new();
        lines.try_reserve_exact(capacity).map_err(|error| {
            Error::new(format!(
                "there is no memory for {} bytes of log lines, give `Background::with_capacity_bytes` fewer: {error}",
                self.capacity
            ))
        })?;
        let queue = Arc::new(Queue::new(lines, self.capacity, self.overflow));
        let told = Told(self.diagnostics);
        let worker = Worker {
            sink: self.sink,
            own: OwnLines::new(self.schema, self.resource),
            told: told.clone(),
            block_bytes: self.block_bytes,
            trouble: Trouble::default(),
        };
        let of_worker = Arc::clone(&queue);
        let thread = thread::Builder::new()
            .name("tracing-stamp-writer".into())
            .spawn(move || worker.run(&of_worker, capacity))
            .map_err(|error| {
                Error::new(format!(
                    "the thread that writes log lines could not be started: {error}"
                ))
            })?;
        queue.begin(thread.thread().clone());
        Ok((
            BackgroundWriter::new(Arc::clone(&queue)),
            WorkerGuard::new(queue, self.shutdown_timeout, told),
        ))
    }
}

impl<W> fmt::Debug for Background<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background")
            .field("capacity", &self.capacity)
            .field("overflow", &self.overflow)
            .finish_non_exhaustive()
    }
}
