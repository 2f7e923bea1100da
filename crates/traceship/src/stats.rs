//! Counters of a shipper, and the report of its end.

use super::{
    gauges::Gauges,
    redaction::Rules,
    rejection::{Rejection, Tally},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counters of a shipper. Clones share the same counters.
        ///
        /// ```no_run
        /// # use traceship::{Loki, Shipper};
        /// let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
        /// let stats = shipping.stats();
        /// println!("{} lines shipped, {} rejected", stats.shipped(), stats.rejected());
        /// # Ok::<(), traceship::Error>(())
        /// ```
        #[derive(Clone, Debug, Default)]
        pub struct Stats(Arc<Counters>);

        #[derive(Debug, Default)]
        struct Counters {
            $($name: AtomicU64,)*
            /// Rejected lines, by the number of the reason.
            rejected_by: [AtomicU64; Rejection::ALL.len()],
            gauges: Gauges,
            rules: Rules,
        }

        impl Stats {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> u64 {
                    self.0.$name.load(Relaxed)
                }
            )*

            pub(super) fn set(&self, counter: Counter, number: u64) {
                self.counter(counter).store(number, Relaxed);
            }

            pub(super) fn add(&self, counter: Counter, number: u64) {
                self.counter(counter).fetch_add(number, Relaxed);
            }

            fn counter(&self, counter: Counter) -> &AtomicU64 {
                match counter {
                    $(Counter::$name => &self.0.$name,)*
                }
            }
        }

        /// Names one of the counters.
        #[allow(non_camel_case_types, reason = "the variants have the names of the methods")]
        #[derive(Clone, Copy, Debug)]
        pub(super) enum Counter {
            $($name,)*
        }
    };
}

counters! {
    /// Returns the number of lines that the server has confirmed, or already had.
    shipped,
    /// Returns the number of bytes of those lines, with their newlines.
    shipped_bytes,
    /// Returns the number of shipped lines that the server already had, as Elasticsearch reports by status 409.
    repeated,
    /// Returns the number of lines that the server will never accept. They are in the file of rejected lines, with the server's message.
    /// A collector can reject lines without saying which. Those are counted too, and are in their log files only. A line that waits to be
    /// sent again is not counted.
    rejected,
    /// Returns the number of bytes of rejected lines that were removed, because the file of rejected lines has a limit.
    rejected_bytes_removed,
    /// Returns the number of lines that were cut to the server's limit.
    cut,
    /// Returns the number of requests that were sent.
    requests,
    /// Returns the number of requests that have to be sent again.
    retried,
    /// Returns the number of unshipped bytes of files that were removed.
    lost_bytes,
    /// Returns the number of bytes that wait to be shipped, as of the last check of the files. A compressed file counts with its size on the
    /// disk until it is read to its end.
    waiting_bytes,
    /// Returns the number of files that have such bytes.
    waiting_files,
}

impl Stats {
    /// Returns how far the shipper is behind: the present time less the time of the last confirmed line, or zero while no line waits.
    #[must_use]
    pub fn lag(&self) -> Duration {
        self.gauges().lag()
    }

    /// Returns when the server last accepted lines from this process.
    #[must_use]
    pub fn last_success(&self) -> Option<SystemTime> {
        self.gauges().last_success()
    }

    /// Returns the files with the most waiting bytes, at most 50, each with the number of these bytes. It is updated about every five
    /// seconds.
    #[must_use]
    pub fn largest_waiting_files(&self) -> Vec<(PathBuf, u64)> {
        self.gauges().largest_waiting_files()
    }

    /// Returns the number of rejected lines for each reason, which is one of a fixed set of words such as `too_old`. Their sum is that of
    /// [`rejected`](Self::rejected).
    pub fn rejected_by_reason(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let numbers = self.0.rejected_by.iter();
        let numbers = numbers.map(|number| number.load(Relaxed));
        Rejection::ALL.iter().map(|kind| kind.as_str()).zip(numbers)
    }

    /// Returns how many values, and parts of texts, each rule of the redaction has replaced, for the rules that have replaced any. A line
    /// that is read again, as after an interruption, is counted again.
    #[must_use]
    pub fn redacted_by_rule(&self) -> Vec<(String, u64)> {
        self.0.rules.counts()
    }

    /// Creates counters that include those of the rules.
    pub(super) fn of(rules: &Rules) -> Self {
        Self(Arc::new(Counters {
            rules: rules.clone(),
            ..Counters::default()
        }))
    }

    pub(super) fn rejected_by(&self, kind: Rejection) -> u64 {
        self.0.rejected_by[kind as usize].load(Relaxed)
    }

    pub(super) fn add_rejected(&self, kind: Rejection, lines: u64) {
        self.add(Counter::rejected, lines);
        self.0.rejected_by[kind as usize].fetch_add(lines, Relaxed);
    }

    pub(super) fn add_all_rejected(&self, tally: &Tally) {
        for (kind, lines) in tally.iter() {
            self.add_rejected(kind, lines);
        }
    }

    pub(super) fn gauges(&self) -> &Gauges {
        &self.0.gauges
    }
}

/// The result of a shipper that was shut down or has run once: what was delivered, and what was not.
///
/// ```
/// use traceship::Report;
///
/// fn print(report: &Report) {
///     println!("{} lines shipped", report.stats().shipped());
///     if report.unshipped_bytes() > 0 || report.unread_files() > 0 {
///         println!("{} bytes are left, {} files could not be read", report.unshipped_bytes(), report.unread_files());
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) stats: Stats,
    pub(super) remaining: Remaining,
}

/// What a shipper has not shipped when it ends.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Remaining {
    pub(super) unshipped_bytes: u64,
    pub(super) unread_files: usize,
    pub(super) is_cursor_saved: bool,
    pub(super) is_timed_out: bool,
}

impl Report {
    /// Returns the counters since the start of the shipper.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Returns the number of bytes that are left in the files, and those of the lines that wait to be sent again. The next start ships them.
    #[must_use]
    pub fn unshipped_bytes(&self) -> u64 {
        self.remaining.unshipped_bytes
    }

    /// Returns whether the cursor is saved. Otherwise the next start ships some lines again.
    #[must_use]
    pub fn is_cursor_saved(&self) -> bool {
        self.remaining.is_cursor_saved
    }

    /// Returns whether the time was over before everything was delivered.
    #[must_use]
    pub fn is_timed_out(&self) -> bool {
        self.remaining.is_timed_out
    }

    /// Returns the number of files that could not be read to their end. None or only some of their lines are shipped. Also counts the paths
    /// from which nothing is read, and files that are left out although a path names them.
    #[must_use]
    pub fn unread_files(&self) -> usize {
        self.remaining.unread_files
    }
}
