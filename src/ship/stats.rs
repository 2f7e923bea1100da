//! What a shipper has done, in numbers.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counters of a shipper; a clone counts along.
        ///
        /// ```no_run
        /// # use tracing_stamp::ship::{Loki, Shipper};
        /// let shipping = Shipper::new(Loki::new("http://localhost:3100")?).with_files("/var/log/orders").start()?;
        /// let stats = shipping.stats();
        /// println!("{} lines shipped, {} rejected", stats.shipped(), stats.rejected());
        /// # Ok::<(), tracing_stamp::Error>(())
        /// ```
        #[derive(Clone, Debug, Default)]
        pub struct Stats(Arc<Counters>);

        #[derive(Debug, Default)]
        struct Counters {
            $($name: AtomicU64,)*
        }

        impl Stats {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> u64 {
                    self.0.$name.load(Relaxed)
                }
            )*

            pub(super) fn set(&self, pick: Counter, number: u64) {
                self.counter(pick).store(number, Relaxed);
            }

            /// Counts by name.
            pub(super) fn add(&self, pick: Counter, number: u64) {
                self.counter(pick).fetch_add(number, Relaxed);
            }

            fn counter(&self, pick: Counter) -> &AtomicU64 {
                match pick {
                    $(Counter::$name => &self.0.$name,)*
                }
            }
        }

        /// The counters, to be named.
        #[allow(non_camel_case_types, reason = "they have the names of their methods")]
        #[derive(Clone, Copy, Debug)]
        pub(super) enum Counter {
            $($name,)*
        }
    };
}

counters! {
    /// Lines that the server has confirmed, or had before.
    shipped,
    /// Bytes of those lines, with their newlines.
    shipped_bytes,
    /// Lines that it will never take: in the file of rejected ones, with its words.
    rejected,
    /// Lines that were cut to its limit.
    cut,
    /// Requests that were sent.
    requests,
    /// Those of them that have to be sent again.
    retried,
    /// Bytes of files that were removed before they were shipped.
    lost_bytes,
    /// Bytes of files that wait to be shipped, as of the last look.
    waiting_bytes,
}

/// What was delivered when a shipper was shut down, and what was not.
///
/// ```
/// fn say(report: tracing_stamp::ship::Report) {
///     if report.unshipped_bytes() > 0 {
///         println!("{} bytes are left for the next start", report.unshipped_bytes());
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    pub(super) stats: Stats,
    pub(super) end: End,
}

/// What is left in the end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct End {
    pub(super) unshipped: u64,
    pub(super) unread: usize,
}

impl Report {
    /// The counters, for the whole time.
    ///
    /// ```
    /// fn shipped(report: &tracing_stamp::ship::Report) -> u64 {
    ///     report.stats().shipped()
    /// }
    /// ```
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Bytes that are left in the files; the next start begins with them.
    ///
    /// ```
    /// fn is_done(report: &tracing_stamp::ship::Report) -> bool {
    ///     report.unshipped_bytes() == 0
    /// }
    /// ```
    #[must_use]
    pub fn unshipped_bytes(&self) -> u64 {
        self.end.unshipped
    }

    /// Files that could not be read: nothing of them, or not all, is shipped.
    ///
    /// ```
    /// fn is_whole(report: &tracing_stamp::ship::Report) -> bool {
    ///     report.unshipped_bytes() == 0 && report.unread_files() == 0
    /// }
    /// ```
    #[must_use]
    pub fn unread_files(&self) -> usize {
        self.end.unread
    }
}
