//! The settings of a shipper, and its start.

use super::{
    batch::Batch,
    client::Client,
    control::Control,
    cursor::{self, Cursor},
    delivery::Delivery,
    parked::ParkedRequests,
    record_file::RecordFile,
    redaction::Rules,
    reporter::Reporter,
    settings::Settings,
    shipping::Shipping,
    stats::{Report, Stats},
    target::Target,
    worker::Worker,
};
use crate::reading::Follower;
use crate::{
    diagnosis::{Diagnosis, Diagnostics},
    error::Error,
};
use log_files::{
    KeyNames, LineReader,
    discover::{Sources, Unread},
};
use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Ships the lines of log files to a server. When it is restarted, it continues where it stopped.
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
    pub(super) target: Target,
    pub(super) sources: Sources,
    state: Option<PathBuf>,
    name: Option<String>,
    pub(super) from_start: bool,
    timeout: Duration,
    pub(super) settings: Settings,
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
            name: None,
            from_start: false,
            timeout: Duration::MAX,
            settings: Settings {
                batch_bytes: 1 << 20,
                batch_lines: 10_000,
                max_age: Duration::from_secs(1),
                in_flight,
                poll: Duration::from_secs(2),
                rotate_wait: Duration::from_secs(60),
                reader: Arc::default(),
                fixed_keys: Vec::new(),
                rules: Rules::default(),
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
    /// - a glob pattern (`*`, `?`, `[a-z]`, and `**` for any number of folders), for the files that match it and their rotated versions, also
    ///   while no file matches it.
    ///
    /// Files compressed with gzip are read. Hidden files, unfinished ones (`.tmp`, `.part`, `~`) and files that are not text are left out.
    /// Lines that Docker (`json-file`) or Kubernetes (CRI) have wrapped are unwrapped.
    pub fn with_files(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.add(path.into());
        self
    }

    /// Sets the folder for the cursor and for rejected lines. The default is the folder of the first files.
    ///
    /// Two targets of one kind need two folders or two [names](Self::with_name).
    pub fn with_state(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state = Some(folder.into());
        self
    }

    /// Sets the name of the target, which is a part of the name of its cursor. The default is its kind: `loki`, `elasticsearch` or `otlp`.
    ///
    /// The positions in the files belong to this name, not to the address of the server. So shipping continues at the same place if the
    /// address, the port or the tenant changes, and two targets of one kind in one folder need two names.
    ///
    /// # Errors
    ///
    /// If the name is empty, longer than 64 bytes, or has other characters than ASCII letters, digits, `-` and `_`.
    pub fn with_name(mut self, name: &str) -> Result<Self, Error> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(is_allowed) {
            return Err(Error::invalid_input(format!(
                "{name:?} is not a valid name of a target: it must have 1 to 64 ASCII letters, digits, `-` and `_`"
            )));
        }
        self.name = Some(name.to_owned());
        Ok(self)
    }

    /// Ships all files from their start, including lines that were already shipped. Off by default.
    pub fn with_from_start(mut self, from_start: bool) -> Self {
        self.from_start = from_start;
        self
    }

    /// Sets the maximum time for [`run_once`](Self::run_once) and [`retry_rejected`](Self::retry_rejected), which also waits for the end of its
    /// present request. There is no limit by default.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Follows symbolic links to files outside their folder, regardless of the owner. By default, such a link is followed only if the link
    /// and the file belong to the owner of the folder, as with the links of Kubernetes.
    pub fn with_linked_files(mut self, enabled: bool) -> Self {
        self.sources = self.sources.with_linked_files(enabled);
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
        let names = names.into();
        let fixed = [
            &names.timestamp,
            &names.level,
            &names.trace_id,
            &names.span_id,
            &names.trace_flags,
            &names.record_uid,
        ];
        self.settings.fixed_keys = fixed.map(|name| name.as_ref().to_owned()).to_vec();
        self.settings.rules.keep(&self.settings.fixed_keys);
        self.settings.reader = Arc::new(LineReader::new(Some(&names)));
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

    /// Sets how often files are checked where the operating system reports no changes, as on a network file system. The default is two
    /// seconds, the minimum 10 ms.
    ///
    /// Elsewhere changes are noticed when they happen. In addition, all files are looked at every 30 seconds, or at this interval if it is
    /// longer.
    pub fn with_poll_interval(mut self, interval: Duration) -> Self {
        self.settings.poll = interval.max(Duration::from_millis(10));
        self
    }

    /// Sets how long a file must not have grown until it counts as finished. The default is one minute.
    ///
    /// - A removed file that is open is read while its writer writes to it. It is closed when it has not grown for this time and is shipped, or
    ///   if the server has confirmed nothing for this time. Until then the operating system does not free its space on the disk. Lines that
    ///   are not shipped then are lost. Their bytes are counted and reported.
    /// - The last line of a rotated file is shipped without its newline after this time.
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

    /// Checks the settings, and opens nothing. The methods that ship do this first.
    ///
    /// # Errors
    ///
    /// If no files are set, a pattern is invalid, or redaction replaces values by pseudonyms without a key.
    pub fn check(&self) -> Result<(), Error> {
        self.settings.rules.check()?;
        self.sources.check().map_err(|error| match error.is_empty() {
            true => Error::invalid_input(
                "no files to ship are set: name a folder, a file or a glob pattern by `with_files`",
            ),
            false => Error::invalid_input(error.to_string()),
        })
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
    /// Use this for a back-fill. It does not give up: while the server is down or refuses the credentials, it waits and tries again, for at
    /// most the time of [`with_timeout`](Self::with_timeout).
    ///
    /// # Errors
    ///
    /// If no path or pattern names a file, and for the same reasons as [`start`](Self::start). If one of several names none, this is a
    /// [`Diagnosis::NotRead`], and the path is counted by [`Report::unread_files`].
    ///
    /// ```no_run
    /// # use traceship::{Loki, Shipper};
    /// let report = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").run_once()?;
    /// println!("{} lines", report.stats().shipped());
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn run_once(mut self) -> Result<Report, Error> {
        self.prepare_backfill()?;
        let timeout = self.timeout;
        let (worker, control, stats) = self.into_worker()?;
        // Stop after the present contents.
        control.stop(timeout);
        let remaining = worker.run();
        Ok(Report { stats, remaining })
    }

    /// Makes the shipper read the present contents of the files to their end.
    ///
    /// # Errors
    ///
    /// If there are no files.
    pub(super) fn prepare_backfill(&mut self) -> Result<(), Error> {
        self.settings.is_backfill = true;
        self.check()?;
        let unread = self.sources.unread();
        let Some(missing) = unread.iter().find(|unread| unread.is_missing()) else {
            return Ok(());
        };
        let is_nothing = || {
            let found = self.sources.find();
            found.files.is_empty() && found.problems.is_empty()
        };
        // A state folder is not created beside a path that was not typed correctly.
        let has_state = self.state.is_some() || self.folder().is_some_and(|folder| folder.is_dir());
        if has_state && !(unread.iter().all(Unread::is_missing) && is_nothing()) {
            return Ok(());
        }
        let why = io::Error::new(io::ErrorKind::NotFound, missing.to_string());
        Err(Error::invalid_input("there is nothing to ship").caused_by(why))
    }

    /// Reports the paths from which nothing is read, and returns them. While files are followed, only those that will never be read.
    pub(super) fn report_unread(&self, reporter: &Reporter) -> Vec<PathBuf> {
        let unread = match self.settings.is_backfill {
            true => self.sources.unread(),
            false => self.sources.never_read(),
        };
        for unread in &unread {
            reporter.report(&Diagnosis::NotRead {
                path: unread.path.clone(),
                reason: unread.to_string(),
            });
        }
        unread.into_iter().map(|unread| unread.path).collect()
    }

    /// Returns the folder of the cursor.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        self.state.clone().or_else(|| self.sources.folder())
    }

    /// Returns the name of the target.
    pub(super) fn name(&self) -> String {
        let name = self.name.as_deref().unwrap_or(self.target.kind());
        name.to_owned()
    }

    /// Opens the cursor of a target, without the positions that are in it if all files are to be shipped from their start.
    fn open_cursor(&self, folder: &Path) -> Result<(Cursor, Option<Diagnosis>), Error> {
        let (name, server) = (self.name(), self.target.name());
        if self.from_start {
            // A cursor that another shipper holds is not removed.
            match Cursor::open(folder, &name, &server) {
                Err(error) if error.is_already_in_use() => return Err(error),
                _ => {}
            }
            cursor::discard(folder, &name).map_err(|error| {
                Error::system("the previous cursor cannot be removed").caused_by(error)
            })?;
        }
        Cursor::open(folder, &name, &server)
    }

    /// Opens the cursor, and creates the values that the reading and the sending threads share.
    pub(super) fn open(&mut self, folder: &Path) -> Result<Opened, Error> {
        let (cursor, diagnosis) = self.open_cursor(folder)?;
        let client = self.target.client();
        let diagnostics = std::mem::take(&mut self.diagnostics.0);
        let server = self.target.name() + &client.proxy_suffix();
        let reporter = Arc::new(Reporter::new(diagnostics, server));
        let control = Control::default();
        Ok(Opened {
            cursor,
            client,
            reporter,
            control: Arc::new(control),
            timeout: self.timeout,
            diagnosis,
        })
    }

    fn into_worker(mut self) -> Result<(Worker, Arc<Control>, Stats), Error> {
        self.check()?;
        let folder = self.folder().unwrap_or_default();
        let opened = self.open(&folder)?.reported();
        let unread = self.report_unread(&opened.reporter);
        let (cursor, control) = (opened.cursor, opened.control);
        let stats = Stats::of(&self.settings.rules);
        let last_times = cursor.marks().values().filter_map(|mark| mark.last_time);
        let last_time = last_times.map(|last| last.nanos).max();
        stats.gauges().note_confirmed(last_time.unwrap_or(i64::MAX));
        let rejected = RecordFile::rejected(&folder, &self.name());
        let waiting = RecordFile::waiting(&folder, &self.name());
        let parked = ParkedRequests::new(waiting, !self.settings.is_backfill);
        let restored =
            restore(&parked, &self.settings, &rejected, &opened.reporter).map_err(|error| {
                Error::system("the lines that wait to be sent again cannot be read")
                    .caused_by(error)
            })?;
        let delivery = Delivery::new(
            self.target,
            opened.client,
            rejected,
            parked,
            stats.clone(),
            Arc::clone(&opened.reporter),
            Arc::clone(&control),
        );
        let (poll, in_flight) = (self.settings.poll, self.settings.in_flight);
        let waker = Arc::clone(&control);
        let follower = Follower::new(
            self.settings,
            self.sources,
            cursor,
            opened.reporter,
            stats.clone(),
            move || waker.wake(),
        )
        .with_unread(unread);
        let worker = Worker::new(follower, Arc::new(delivery), restored, poll, in_flight);
        let worker = worker.map_err(cannot_start)?;
        Ok((worker, control, stats))
    }
}

/// What reading and sending need.
pub(super) struct Opened {
    pub(super) cursor: Cursor,
    pub(super) client: Client,
    pub(super) reporter: Arc<Reporter>,
    pub(super) control: Arc<Control>,
    pub(super) timeout: Duration,
    /// What is unusual about the cursor.
    diagnosis: Option<Diagnosis>,
}

impl Opened {
    /// Reports what is unusual about the cursor.
    pub(super) fn reported(mut self) -> Self {
        if let Some(diagnosis) = self.diagnosis.take() {
            self.reporter.report(&diagnosis);
        }
        self
    }
}

/// Returns the lines that waited when an earlier shipper ended. Moves records that cannot be sent to the rejected ones.
fn restore(
    parked: &ParkedRequests,
    settings: &Settings,
    rejected: &RecordFile,
    reporter: &Reporter,
) -> io::Result<Batch> {
    let mut restored = parked.restore(&settings.reader)?;
    // The rules may be newer than the lines.
    settings.rules.redact(&mut restored.batch, &settings.reader);
    if !restored.damaged.is_empty() {
        rejected.append_records(restored.damaged)?;
        let path = parked.path().unwrap_or(Path::new(""));
        reporter.report_problem(format!(
            "{} has a record that cannot be sent as it was, which is now in {}",
            path.display(),
            rejected.path().display()
        ));
    }
    Ok(restored.batch)
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
