use super::{
    BackgroundWriter, Overflow, WorkerGuard,
    queue::{OWN_BYTES, Queue},
    reporter::Reporter,
    worker::{RetryState, Worker},
};
use crate::{
    Error,
    layer::OwnLines,
    schema::Schema,
    stats::{Diagnosis, Diagnostics},
};
use opentelemetry::KeyValue;
use std::{fmt, io::Write, sync::Arc, thread, time::Duration};

/// Builder of a writer that writes to any [`Write`] on a thread of its own. Threads that log only hand over finished lines.
///
/// Lines gather in one buffer of a fixed size. The thread writes them in large blocks of whole lines, and keeps the order of each thread's
/// lines.
///
/// If the sink returns an error, no line is lost while the buffer has room. The thread continues at the byte at which it stopped, with
/// pauses from 2 ms to 1 s, and [reports](Self::with_diagnostics) the error. If the buffer is full, [`Overflow`] decides which lines are
/// lost. They are counted, and a line of the log reports them:
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
/// A line is written about 10 ms after it was logged, or sooner if there are many lines or a thread [flushes](BackgroundWriter::flush). A
/// process that is killed loses the lines of that time. After a second without lines the thread goes to sleep. The next line wakes it,
/// which is the only system call that a line can cost.
///
/// # After a fork
///
/// A forked child does not have this thread. It writes nothing, flushing fails at once, and lines are lost without waiting when the buffer
/// is full. Start another `Background` in the child. Only the parent writes the parent's lines.
///
/// As with every lock, a child that was forked while another thread was logging may hang at its own first line. If your process has
/// several threads, log in a child only after `exec`.
#[must_use = "a `Background` does nothing until it is started"]
pub struct Background<W> {
    sink: W,
    capacity: usize,
    block_bytes: usize,
    overflow: Overflow,
    drops_unread: bool,
    shutdown_timeout: Duration,
    schema: Schema,
    resource: Vec<KeyValue>,
    record_uid: bool,
    diagnostics: Diagnostics,
}

impl<W> Background<W>
where
    W: Write + Send + 'static,
{
    /// Returns the builder of a writer to `sink`. [`start`](Self::start) starts it.
    pub fn new(sink: W) -> Self {
        Self {
            sink,
            capacity: 16 << 20,
            block_bytes: 256 << 10,
            overflow: Overflow::Drop,
            drops_unread: false,
            shutdown_timeout: Duration::from_secs(5),
            schema: Schema::default(),
            resource: Vec::new(),
            record_uid: false,
            diagnostics: Diagnostics::default(),
        }
    }

    /// Sets how many bytes of lines can wait to be written. 16 MiB by default, and at least 64 KiB. A line that is longer is lost.
    ///
    /// Twice this size is reserved as address space. Only the used part of it takes memory.
    pub fn with_capacity_bytes(self, bytes: usize) -> Self {
        Self {
            capacity: bytes.max(64 << 10),
            ..self
        }
    }

    /// Sets the maximum length of a single write in bytes. 256 KiB by default. Each write has whole lines, and a line that is longer is
    /// written by itself.
    ///
    /// Set 4,096 for a pipe to which other processes write too. Linux does not split writes up to this length (`PIPE_BUF`).
    pub fn with_block_bytes(self, bytes: usize) -> Self {
        Self {
            block_bytes: bytes,
            ..self
        }
    }

    /// Sets what happens to lines if the queue is full. [`Overflow::Drop`] by default.
    pub fn with_overflow(self, overflow: Overflow) -> Self {
        Self { overflow, ..self }
    }

    /// Sets how long the [`WorkerGuard`] waits for the sink when it is dropped. 5 s by default.
    pub fn with_shutdown_timeout(self, timeout: Duration) -> Self {
        Self {
            shutdown_timeout: timeout,
            ..self
        }
    }

    /// Sets the schema of the line that reports lost lines. Use the schema of the layer.
    pub fn with_schema(self, schema: Schema) -> Self {
        Self { schema, ..self }
    }

    /// Sets the attributes that identify the process on the line that reports lost lines. Use the attributes of the layer.
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

    /// Sets whether the line that reports lost lines has an id of its own. Use the setting of the layer:
    /// [`StampLayer::with_record_uid`](crate::StampLayer::with_record_uid).
    pub fn with_record_uid(self, record_uid: bool) -> Self {
        Self { record_uid, ..self }
    }

    /// Sets the callback for diagnoses: the sink fails, it works again, or lines were given up at the shutdown. By default they are printed
    /// to standard error.
    ///
    /// The callback runs on the writer's thread. Lines that it logs are accepted, and written when the sink takes them.
    ///
    /// ```
    /// let background = tracing_stamp::writer::Background::new(std::io::sink())
    ///     .with_diagnostics(|diagnosis| eprintln!("{diagnosis}"));
    /// # let _ = background;
    /// ```
    pub fn with_diagnostics(self, report: impl Fn(&Diagnosis) + Send + Sync + 'static) -> Self {
        Self {
            diagnostics: Diagnostics::Callback(Arc::new(report)),
            ..self
        }
    }

    /// Sets diagnostics that are shared with other parts of the setup.
    #[cfg(feature = "setup")]
    pub(crate) fn with_shared_diagnostics(self, diagnostics: Diagnostics) -> Self {
        Self {
            diagnostics,
            ..self
        }
    }

    /// Drops lines while the sink is a pipe without a reader, as the writer without a thread does, and reports
    /// [`Diagnosis::OutputClosed`].
    #[cfg(feature = "setup")]
    pub(crate) fn with_unread_lines_dropped(self) -> Self {
        Self {
            drops_unread: true,
            ..self
        }
    }

    /// Starts the thread. Returns the writer for a layer, and the guard that shuts the writer down.
    ///
    /// # Errors
    ///
    /// If there is not enough memory for the buffers, or the operating system cannot create a thread.
    pub fn start(self) -> Result<(BackgroundWriter, WorkerGuard), Error> {
        let capacity = self.capacity.saturating_add(OWN_BYTES);
        let mut lines = Vec::new();
        lines.try_reserve_exact(capacity).map_err(|error| {
            Error::system(format!(
                "a buffer of {} bytes for log lines cannot be allocated: reduce `Background::with_capacity_bytes`",
                self.capacity
            ))
            .caused_by(error)
        })?;
        let queue = Arc::new(Queue::new(lines, self.capacity, self.overflow));
        let reporter = Reporter(self.diagnostics);
        let worker = Worker {
            sink: self.sink,
            own: OwnLines::new(self.schema, self.resource, self.record_uid),
            reporter: reporter.clone(),
            block_bytes: self.block_bytes,
            drops_unread: self.drops_unread,
            retry: RetryState::default(),
        };
        let worker_queue = Arc::clone(&queue);
        let thread = thread::Builder::new()
            .name("tracing-stamp-writer".into())
            .spawn(move || worker.run(&worker_queue, capacity))
            .map_err(|error| {
                Error::system("the thread that writes log lines could not be started")
                    .caused_by(error)
            })?;
        queue.begin(thread.thread().clone());
        Ok((
            BackgroundWriter::new(Arc::clone(&queue)),
            WorkerGuard::new(queue, self.shutdown_timeout, reporter),
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
