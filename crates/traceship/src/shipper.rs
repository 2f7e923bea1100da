//! The settings of a shipper, and its start.

use super::{
    control::Control,
    cursor::Cursor,
    delivery::Delivery,
    files::Sources,
    rejected::RejectedFile,
    reporter::Reporter,
    settings::Settings,
    shipping::Shipping,
    stats::{Report, Stats},
    target::Target,
    worker::Worker,
};
use crate::{
    diagnosis::{Diagnosis, Diagnostics},
    error::Error,
};
use log_files::{KeyNames, LineReader};
use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};

/// Ships the lines of log files to a server, and resumes where it stopped the last time.
///
/// Its own threads read the files and talk to the server. The application's threads never wait for them. Only a few batches are in memory,
/// no matter how many lines wait on the disk.
///
/// ```no_run
/// use traceship::{Loki, Shipper};
///
/// let shipping = Shipper::new(Loki::new("http://localhost:3100")?)
///     .with_files("/var/log/orders/orders.jsonl")
///     .with_files("/var/log/shop/*.jsonl")
///     .start()?;
/// # drop(shipping);
/// # Ok::<(), traceship::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a shipper does nothing until `start` or `run_once` is called"]
pub struct Shipper {
    target: Target,
    sources: Sources,
    state: Option<PathBuf>,
    settings: Settings,
    diagnostics: OpaqueDiagnostics,
}

impl Shipper {
    /// Creates a shipper to a target.
    ///
    /// ```
    /// use traceship::{Loki, Shipper};
    ///
    /// let error = Shipper::new(Loki::new("http://localhost:3100")?).start().expect_err("no files are set");
    /// assert!(error.to_string().contains("with_files"));
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn new(target: impl Into<Target>) -> Self {
        let target = target.into();
        let in_flight = target.in_flight();
        Self {
            target,
            sources: Sources::default(),
            state: None,
            settings: Settings {
                batch_bytes: 1 << 20,
                batch_lines: 10_000,
                max_age: Duration::from_secs(1),
                in_flight,
                poll: Duration::from_secs(2),
                rotate_wait: Duration::from_secs(60),
                reader: Arc::default(),
                is_backfill: false,
            },
            diagnostics: OpaqueDiagnostics(Diagnostics::default()),
        }
    }

    /// Adds files to ship. Can be called several times.
    ///
    /// The path is one of:
    ///
    /// - a folder, for all files in it, without subfolders,
    /// - a file, for itself and for its rotated and compressed versions, such as `orders.jsonl.1.gz`,
    /// - a glob pattern (`*`, `?`, `[a-z]`), for the files that match it and their rotated versions.
    ///
    /// Hidden files and names that end with `.tmp` are left out.
    pub fn with_files(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.add(path.into());
        self
    }

    /// Sets the folder for the cursor and for rejected lines. The default is the folder of the first files.
    ///
    /// Two targets of one kind need two folders.
    pub fn with_state(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state = Some(folder.into());
        self
    }

    /// Sets the names of a line's keys, which is needed if they are renamed.
    ///
    /// The shipper finds the time, level, service and ids of a line by its keys. Without this setting it knows the names of the schemas of
    /// `tracing-stamp`, and those of other loggers that use any of the same keys. A `Schema` of `tracing-stamp` can be passed as
    /// `&schema`.
    ///
    /// ```
    /// use log_files::{KeyNames, OTEL};
    /// use traceship::{Loki, Shipper};
    ///
    /// let names = KeyNames { trace_id: "traceId", ..OTEL };
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_key_names(names);
    /// # let _ = shipper;
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn with_key_names<S: AsRef<str>>(mut self, names: impl Into<KeyNames<S>>) -> Self {
        self.settings.reader = Arc::new(LineReader::new(Some(&names.into())));
        self
    }

    /// Sets the maximum number of bytes of lines in one request, from 4 KiB to 8 MiB. The default is 1 MiB.
    pub fn with_batch_bytes(mut self, bytes: usize) -> Self {
        self.settings.batch_bytes = bytes.clamp(4 << 10, 8 << 20);
        self
    }

    /// Sets the maximum number of lines in one request. The default is 10,000.
    pub fn with_batch_lines(mut self, lines: usize) -> Self {
        self.settings.batch_lines = lines.max(1);
        self
    }

    /// Sets how long lines wait until more lines can be sent in the same request. The default is one second.
    pub fn with_max_age(mut self, age: Duration) -> Self {
        self.settings.max_age = age;
        self
    }

    /// Sets how often files are checked while there is nothing to send. The default is two seconds, the minimum 10 ms.
    pub fn with_poll_interval(mut self, interval: Duration) -> Self {
        self.settings.poll = interval.max(Duration::from_millis(10));
        self
    }

    /// Sets how long a removed file is kept open while the server accepts nothing. The default is one minute.
    ///
    /// While the file is open, it can still be read to its end, and the operating system does not free its space on the disk. When it is
    /// closed, lines that are not shipped are lost. Their bytes are counted and reported.
    pub fn with_rotate_wait(mut self, wait: Duration) -> Self {
        self.settings.rotate_wait = wait;
        self
    }

    /// Sets the number of concurrent requests, from 1 to 64. The default is one to Loki, and four to other targets.
    ///
    /// Loki accepts lines in any order. But a single Loki that crashes can lose confirmed lines of a stream if two requests wrote to that
    /// stream at the same time.
    pub fn with_in_flight(mut self, requests: usize) -> Self {
        self.settings.in_flight = requests.clamp(1, 64);
        self
    }

    /// Passes diagnoses to a callback instead of writing them to standard error.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use traceship::{Loki, Shipper};
    ///
    /// let (sender, diagnoses) = mpsc::channel();
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_diagnostics(move |diagnosis| {
    ///     let _ = sender.send(diagnosis.to_string());
    /// });
    /// # let _ = (shipper, diagnoses);
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn with_diagnostics(
        mut self,
        callback: impl Fn(&Diagnosis) + Send + Sync + 'static,
    ) -> Self {
        self.diagnostics = OpaqueDiagnostics(Diagnostics::Callback(Arc::new(callback)));
        self
    }

    /// Starts shipping on threads of its own.
    ///
    /// # Errors
    ///
    /// If no files are set, a glob pattern is invalid, another shipper uses the cursor, the cursor cannot be read, its folder cannot be
    /// written, or a thread cannot be started.
    ///
    /// ```no_run
    /// # use traceship::{Loki, Shipper};
    /// let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
    /// # drop(shipping);
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn start(self) -> Result<Shipping, Error> {
        let (worker, control, stats) = self.into_worker()?;
        Shipping::start(worker, control, stats).map_err(cannot_start)
    }

    /// Ships the present contents of the files, including a last line without a newline, and returns when every line is delivered or
    /// rejected.
    ///
    /// Use this for a back-fill. It does not give up: while the server is down or refuses the credentials, it waits and tries again.
    ///
    /// # Errors
    ///
    /// If a path or a pattern matches no file, and for the same reasons as [`start`](Self::start).
    ///
    /// ```no_run
    /// # use traceship::{Loki, Shipper};
    /// let report = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").run_once()?;
    /// println!("{} lines", report.stats().shipped());
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn run_once(mut self) -> Result<Report, Error> {
        self.settings.is_backfill = true;
        self.sources.check_exist()?;
        let (worker, control, stats) = self.into_worker()?;
        // Stop after the present contents, without a deadline.
        control.stop(Duration::MAX);
        let remaining = worker.run();
        Ok(Report { stats, remaining })
    }

    fn into_worker(self) -> Result<(Worker, Arc<Control>, Stats), Error> {
        self.sources.check()?;
        let folder = self
            .state
            .or_else(|| self.sources.folder())
            .unwrap_or_default();
        let (kind, name) = (self.target.kind(), self.target.name());
        let client = self.target.client();
        let (cursor, diagnosis) = Cursor::open(&folder, kind, &name)?;
        let reporter = Reporter::new(self.diagnostics.0, name + &client.proxy_suffix());
        if let Some(diagnosis) = diagnosis {
            reporter.report(&diagnosis);
        }
        let (control, stats) = (Arc::new(Control::default()), Stats::default());
        let delivery = Delivery::new(
            self.target,
            client,
            RejectedFile::new(folder.join(format!(".{kind}.rejected.jsonl"))),
            stats.clone(),
            reporter,
            Arc::clone(&control),
        );
        let worker = Worker::new(self.settings, self.sources, cursor, Arc::new(delivery));
        let worker = worker.map_err(cannot_start)?;
        Ok((worker, control, stats))
    }
}

fn cannot_start(error: io::Error) -> Error {
    Error::system("the shipper's thread cannot be started").caused_by(error)
}

/// Diagnostics with a `Debug` implementation, which a callback does not have.
struct OpaqueDiagnostics(Diagnostics);

impl fmt::Debug for OpaqueDiagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Diagnostics")
    }
}
