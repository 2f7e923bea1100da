//! A shipper: its settings, its threads, its end.

use super::{
    control::Control,
    cursor::Cursor,
    delivery::Delivery,
    files::Sources,
    rejected::Rejected,
    stats::{End, Report, Stats},
    target::Target,
    told::Told,
    work::Work,
};
use crate::{
    Error,
    schema::{LineReader, Schema},
    stats::{Diagnosis, Diagnostics},
};
use std::{
    io,
    path::PathBuf,
    process,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

/// Ships the lines of log files to a server, from where it stopped the last time.
///
/// Its threads block on files and on the network; the application's never wait for them. It holds a few batches in memory, whatever waits
/// on the disk.
///
/// ```no_run
/// use tracing_stamp::ship::{Loki, Shipper};
///
/// let shipping = Shipper::new(Loki::new("http://localhost:3100")?)
///     .with_files("/var/log/orders/orders.jsonl")
///     .with_files("/var/log/shop/*.jsonl")
///     .start()?;
/// # drop(shipping);
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "it ships nothing before `start`"]
pub struct Shipper {
    target: Target,
    sources: Sources,
    state: Option<PathBuf>,
    settings: Settings,
    diagnostics: WhoIsTold,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) batch_bytes: usize,
    pub(super) batch_lines: usize,
    pub(super) max_age: Duration,
    pub(super) in_flight: usize,
    pub(super) poll: Duration,
    pub(super) rotate_wait: Duration,
    pub(super) reader: Arc<LineReader>,
    /// Also a last line without an end: nobody writes the files any more.
    pub(super) to_end: bool,
}

impl Shipper {
    /// A shipper to a target.
    ///
    /// ```
    /// use tracing_stamp::ship::{Loki, Shipper};
    ///
    /// let error = Shipper::new(Loki::new("http://localhost:3100")?).start().expect_err("without files");
    /// assert!(error.to_string().contains("with_files"));
    /// # Ok::<(), tracing_stamp::Error>(())
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
                to_end: false,
            },
            diagnostics: WhoIsTold(Diagnostics::default()),
        }
    }

    /// Files to ship: a folder's, one with those that it was closed as, or those of a pattern (`*`, `?`, `[a-z]`). Hidden ones are left out. Can
    /// be said more than once.
    ///
    /// ```
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders");
    /// # let _ = shipper;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_files(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.add(path.into());
        self
    }

    /// The folder for the cursor and for rejected lines; that of the first files by default. Two targets of one kind need two folders.
    ///
    /// ```
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").with_state("/var/lib/orders");
    /// # let _ = shipper;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_state(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state = Some(folder.into());
        self
    }

    /// The schema of the lines, where its keys are [renamed](Schema::rename): by it the shipper finds the time, level, service and ids of a
    /// line. The schemas of this crate are recognized without it, and so are other loggers that use any of their names. `init` sets it.
    ///
    /// ```
    /// use tracing_stamp::{FixedKey, Schema, ship::{Loki, Shipper}};
    ///
    /// let schema = Schema::otel().rename(FixedKey::TraceId, "traceId")?;
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_schema(&schema);
    /// # let _ = shipper;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_schema(mut self, schema: &Schema) -> Self {
        self.settings.reader = Arc::new(LineReader::new(Some(schema)));
        self
    }

    /// The bytes of lines that are sent together, 1 MiB by default.
    ///
    /// ```
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_batch_bytes(256 << 10);
    /// # let _ = shipper;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_batch_bytes(mut self, bytes: usize) -> Self {
        self.settings.batch_bytes = bytes.clamp(4 << 10, 8 << 20);
        self
    }

    /// How many lines are sent together, 10,000 by default.
    ///
    /// ```
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_batch_lines(1_000);
    /// # let _ = shipper;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_batch_lines(mut self, lines: usize) -> Self {
        self.settings.batch_lines = lines.max(1);
        self
    }

    /// How long lines wait for others to be sent with; one second by default.
    ///
    /// ```
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// # use std::time::Duration;
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_max_age(Duration::from_millis(200));
    /// # let _ = shipper;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_max_age(mut self, age: Duration) -> Self {
        self.settings.max_age = age;
        self
    }

    /// How often files are looked at while there is nothing to send; every two seconds by default.
    ///
    /// ```
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// # use std::time::Duration;
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_poll_interval(Duration::from_secs(5));
    /// # let _ = shipper;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_poll_interval(mut self, interval: Duration) -> Self {
        self.settings.poll = interval.max(Duration::from_millis(10));
        self
    }

    /// How long a file that was removed is kept open while the server takes nothing; a minute by default. So long the system keeps its
    /// space on the disk, so that it can still be read to its end. What is not shipped of it then is lost: counted and told.
    ///
    /// ```
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// # use std::time::Duration;
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_rotate_wait(Duration::from_secs(600));
    /// # let _ = shipper;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_rotate_wait(mut self, wait: Duration) -> Self {
        self.settings.rotate_wait = wait;
        self
    }

    /// Requests at once: by default one to Loki and four to others. Loki takes lines in any order, but a crash of a single one
    /// can lose lines of a stream that it has confirmed while another request wrote to that stream.
    ///
    /// ```
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_in_flight(4);
    /// # let _ = shipper;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_in_flight(mut self, requests: usize) -> Self {
        self.settings.in_flight = requests.clamp(1, 64);
        self
    }

    /// A callback for what is told out of band, in place of standard error.
    ///
    /// ```
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// let shipper = Shipper::new(Loki::new("http://localhost:3100")?).with_diagnostics(|diagnosis| {
    ///     let _ = diagnosis.to_string();
    /// });
    /// # let _ = shipper;
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn with_diagnostics(mut self, tell: impl Fn(&Diagnosis) + Send + Sync + 'static) -> Self {
        self.diagnostics = WhoIsTold(Diagnostics::Callback(Arc::new(tell)));
        self
    }

    #[cfg(feature = "setup")]
    pub(crate) fn with_shared_diagnostics(mut self, diagnostics: Diagnostics) -> Self {
        self.diagnostics = WhoIsTold(diagnostics);
        self
    }

    /// Starts it on threads of its own.
    ///
    /// # Errors
    ///
    /// When there are no files to ship, another shipper has the cursor, or it cannot be read.
    ///
    /// ```no_run
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
    /// # drop(shipping);
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn start(self) -> Result<Shipping, Error> {
        let (work, control, stats) = self.work()?;
        let (ended, end) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("tracing-stamp-ship".into())
            .spawn(move || {
                crate::quiet::be_quiet();
                // Nobody may wait for it any more.
                let _ = ended.send(work.run());
            })
            .map_err(cannot_start)?;
        Ok(Shipping {
            control,
            stats,
            thread: Some(thread),
            end,
            process: process::id(),
        })
    }

    /// Ships what is there, also a last line without an end, and returns when all of it is delivered or rejected: a back-fill.
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start).
    ///
    /// ```no_run
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// let report = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").run_once()?;
    /// println!("{} lines", report.stats().shipped());
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn run_once(mut self) -> Result<Report, Error> {
        self.settings.to_end = true;
        self.sources.check_there()?;
        let (work, control, stats) = self.work()?;
        // As long as it takes.
        control.stop(Duration::MAX);
        let end = work.run();
        Ok(Report { stats, end })
    }

    fn work(self) -> Result<(Work, Arc<Control>, Stats), Error> {
        self.sources.check()?;
        let folder = self
            .state
            .or_else(|| self.sources.folder())
            .unwrap_or_default();
        let (kind, name) = (self.target.kind(), self.target.name());
        let client = self.target.client();
        let (cursor, unusual) = Cursor::open(&folder, kind, &name)?;
        let told = Told::new(self.diagnostics.0, name + &client.through());
        if let Some(diagnosis) = unusual {
            told.tell(&diagnosis);
        }
        let (control, stats) = (Arc::new(Control::default()), Stats::default());
        let delivery = Delivery {
            target: self.target,
            client,
            rejected: Rejected::new(folder.join(format!(".{kind}.rejected.jsonl"))),
            stats: stats.clone(),
            told,
            control: Arc::clone(&control),
        };
        let work = Work::new(self.settings, self.sources, cursor, Arc::new(delivery));
        let work = work.map_err(cannot_start)?;
        Ok((work, control, stats))
    }
}

fn cannot_start(error: io::Error) -> Error {
    Error::system("no thread can be started for the shipper").caused_by(error)
}

/// A shipper at work. Dropping it lets it deliver what is there for two seconds.
///
/// ```no_run
/// # use tracing_stamp::ship::{Loki, Shipper};
/// let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
/// let stats = shipping.stats();
/// # let _ = stats;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping it ends it"]
pub struct Shipping {
    control: Arc<Control>,
    stats: Stats,
    thread: Option<JoinHandle<()>>,
    end: mpsc::Receiver<End>,
    /// The process that has the thread.
    process: u32,
}

/// So long dropping it lasts at most.
const LAST: Duration = Duration::from_secs(2);

impl Shipping {
    /// The counters.
    ///
    /// ```no_run
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// # let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
    /// println!("{} lines", shipping.stats().shipped());
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.stats.clone()
    }

    /// Looks at its files now, and not at the next interval.
    ///
    /// ```no_run
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// # let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
    /// shipping.wake();
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn wake(&self) {
        self.control.wake();
    }

    /// Delivers what is in the files now, within a time; blocks until then. What is left is delivered by the next start.
    ///
    /// ```no_run
    /// # use tracing_stamp::ship::{Loki, Shipper};
    /// # use std::time::Duration;
    /// # let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
    /// let report = shipping.shutdown(Duration::from_secs(5));
    /// println!("{} bytes are left", report.unshipped_bytes());
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn shutdown(mut self, timeout: Duration) -> Report {
        let end = self.end_within(timeout);
        Report {
            stats: self.stats.clone(),
            end,
        }
    }

    fn end_within(&mut self, timeout: Duration) -> End {
        let Some(thread) = self.thread.take() else {
            return End::default();
        };
        if self.process != process::id() {
            // A process that was forked off has no such thread; the first process continues shipping.
            return End::default();
        }
        self.control.stop(timeout);
        // It may wait for a response, or for the disk: not longer than that.
        let longest = timeout.saturating_add(Duration::from_millis(500));
        match self.end.recv_timeout(longest) {
            Ok(end) => {
                let _ = thread.join();
                end
            }
            // What is left is what was the last time that it was looked at.
            Err(_) => End {
                unshipped: self.stats.waiting_bytes(),
                unread: 0,
            },
        }
    }
}

impl Drop for Shipping {
    fn drop(&mut self) {
        self.end_within(LAST);
    }
}

/// Who is told.
struct WhoIsTold(Diagnostics);

impl std::fmt::Debug for WhoIsTold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Diagnostics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ship::Loki;
    use std::{env, fs};

    #[test]
    fn a_forked_process_does_not_wait_for_the_thread_that_ships() {
        let folder = env::temp_dir().join(format!("tracing-stamp-fork-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("a.jsonl"), "{}\n").expect("it can be written");
        // Nobody listens there, so there is always something left.
        let loki = Loki::new("http://127.0.0.1:9").expect("an address");
        let shipper = Shipper::new(loki)
            .with_files(&folder)
            .with_diagnostics(|_| ());
        let mut shipping = shipper.start().expect("it starts");
        shipping.process = process::id() + 1;
        let control = Arc::clone(&shipping.control);
        assert_eq!(shipping.shutdown(Duration::MAX).unshipped_bytes(), 0);
        control.stop(Duration::ZERO);
        fs::remove_dir_all(&folder).expect("it is there");
    }
}
