//! The handle of a running shipper.

use super::{
    control::Control,
    health::Health,
    stats::{Remaining, Report, Stats},
    worker::Worker,
};
use std::{
    io, process,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

/// A running shipper, returned by [`Shipper::start`](super::Shipper::start). On drop it delivers the rest for at most two seconds.
///
/// ```no_run
/// use std::time::Duration;
/// use traceship::{Loki, Shipper};
///
/// let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
/// println!("{} lines", shipping.stats().shipped());
/// let report = shipping.shutdown(Duration::from_secs(5));
/// # let _ = report;
/// # Ok::<(), traceship::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "dropping the handle stops the shipper"]
pub struct Shipping {
    control: Arc<Control>,
    stats: Stats,
    health: Health,
    thread: Option<JoinHandle<()>>,
    end: mpsc::Receiver<Remaining>,
    /// The id of the process in which the thread runs.
    process: u32,
}

/// How long dropping the handle waits at most.
const DROP_TIMEOUT: Duration = Duration::from_secs(2);
/// The worker may be waiting for a response or for the disk when the time is over. It gets this much longer.
const GRACE: Duration = Duration::from_millis(500);

impl Shipping {
    pub(super) fn start(worker: Worker, control: Arc<Control>, stats: Stats) -> io::Result<Self> {
        let health = worker.health();
        let (ended, end) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("traceship".into())
            .spawn(move || {
                crate::shipping_thread::mark();
                // This fails if the handle has stopped waiting.
                let _ = ended.send(worker.run());
            })?;
        Ok(Self {
            control,
            stats,
            health,
            thread: Some(thread),
            end,
            process: process::id(),
        })
    }

    /// Returns the counters.
    ///
    /// ```no_run
    /// # use traceship::{Loki, Shipper};
    /// # let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
    /// println!("{} lines", shipping.stats().shipped());
    /// # Ok::<(), traceship::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.stats.clone()
    }

    /// Returns the health, for the probes of a supervisor.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Reads certificates and keys again, looks at all files, and delivers what they have now without waiting for more lines. If the server
    /// did not accept the last request, it is tried again immediately.
    ///
    /// A token file is read for each request anyway. Requests that are under way are not interrupted.
    ///
    /// ```no_run
    /// # use traceship::{Loki, Shipper};
    /// # let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
    /// // The client's certificate was renewed.
    /// shipping.reload();
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn reload(&self) {
        self.control.reload();
    }

    /// Lets the shipper check its files now instead of at the next poll interval.
    pub fn wake(&self) {
        self.control.wake();
    }

    /// Delivers the lines that are in the files now, and stops. Blocks until that is done, or until the timeout has passed. The next start delivers
    /// the rest.
    ///
    /// ```no_run
    /// # use traceship::{Loki, Shipper};
    /// # use std::time::Duration;
    /// # let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
    /// let report = shipping.shutdown(Duration::from_secs(5));
    /// println!("{} bytes are left", report.unshipped_bytes());
    /// # Ok::<(), traceship::Error>(())
    /// ```
    pub fn shutdown(mut self, timeout: Duration) -> Report {
        let remaining = self.end_within(timeout);
        Report {
            stats: self.stats.clone(),
            remaining,
        }
    }

    fn end_within(&mut self, timeout: Duration) -> Remaining {
        let Some(thread) = self.thread.take() else {
            return Remaining {
                is_cursor_saved: true,
                ..Remaining::default()
            };
        };
        if self.process != process::id() {
            // A forked process does not have the thread. The parent process continues shipping.
            return Remaining {
                is_cursor_saved: true,
                ..Remaining::default()
            };
        }
        self.control.stop(timeout);
        match self.end.recv_timeout(timeout.saturating_add(GRACE)) {
            Ok(remaining) => {
                let _ = thread.join();
                remaining
            }
            // The number of bytes is that of the last check of the files.
            Err(_) => Remaining {
                unshipped_bytes: self.stats.waiting_bytes(),
                unread_files: 0,
                is_cursor_saved: false,
                is_timed_out: true,
            },
        }
    }
}

impl Drop for Shipping {
    fn drop(&mut self) {
        self.end_within(DROP_TIMEOUT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Loki, Shipper};
    use std::{env, fs};

    #[test]
    fn a_forked_process_does_not_wait_for_the_shipping_thread() {
        let folder = env::temp_dir().join(format!("tracing-stamp-fork-{}", process::id()));
        fs::create_dir_all(&folder).expect("the folder is created");
        fs::write(folder.join("a.jsonl"), "{}\n").expect("the file is written");
        // Nothing listens at this address, so some bytes are always left.
        let loki = Loki::new("http://127.0.0.1:9").expect("the address is valid");
        let shipper = Shipper::new(loki)
            .with_files(&folder)
            .with_diagnostics(|_| ());
        let mut shipping = shipper.start().expect("the shipper starts");
        shipping.process = process::id() + 1;
        let control = Arc::clone(&shipping.control);
        assert_eq!(shipping.shutdown(Duration::MAX).unshipped_bytes(), 0);
        control.stop(Duration::ZERO);
        fs::remove_dir_all(&folder).expect("the folder is removed");
    }
}
