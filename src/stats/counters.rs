use super::{
    absence::Facts,
    diagnosis::note_stamped,
    unstamped::{CallSites, UnstampedCallSite},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Counters of one layer's lines; a clone counts along, also after the layer was installed.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// let layer = tracing_stamp::layer().with_writer(std::io::sink);
/// let stats = layer.stats();
/// let subscriber = tracing_subscriber::registry().with(layer);
/// tracing::subscriber::with_default(subscriber, || tracing::info!("outside of any trace"));
/// assert_eq!((stats.stamped(), stats.unstamped()), (0, 1));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stats {
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    stamped: AtomicU64,
    unstamped: AtomicU64,
    truncated: AtomicU64,
    lost: AtomicU64,
    call_sites: CallSites,
    facts: Facts,
}

impl Stats {
    /// Lines with a trace id.
    ///
    /// ```
    /// let stats = tracing_stamp::layer().stats();
    /// assert_eq!(stats.stamped(), 0);
    /// ```
    #[must_use]
    pub fn stamped(&self) -> u64 {
        self.counters.stamped.load(Relaxed)
    }

    /// Lines without a trace id: logged outside of any trace.
    ///
    /// ```
    /// let stats = tracing_stamp::layer().stats();
    /// assert_eq!(stats.unstamped(), 0);
    /// ```
    #[must_use]
    pub fn unstamped(&self) -> u64 {
        self.counters.unstamped.load(Relaxed)
    }

    /// Where the lines without a trace id are logged, worst first: a context that was forgotten is the usual reason.
    ///
    /// A line of a span's life counts where the span is made, a record of `log` or slog where it says that it was logged. What is at
    /// one place is one entry. So are all records that share a call site, since they have more than 63 keys, or come from more places
    /// than the 16,384 that have one of their own: under the target `log`, without a file.
    ///
    /// The first 1,024 call sites that have such a line are kept; lines of all others are [one number](Self::unstamped_elsewhere). In
    /// neither are lines whose target begins with `opentelemetry`, which never have ids and are [counted](Self::unstamped) all the
    /// same, and those that this crate writes about itself.
    ///
    /// ```
    /// use tracing_subscriber::prelude::*;
    ///
    /// let layer = tracing_stamp::layer().with_writer(std::io::sink);
    /// let stats = layer.stats();
    /// let subscriber = tracing_subscriber::registry().with(layer);
    /// tracing::subscriber::with_default(subscriber, || {
    ///     tracing::info!(target: "shop::once", "outside of any trace");
    ///     (0..3).for_each(|_| tracing::info!(target: "shop::jobs", "outside too"));
    /// });
    /// let sites = stats.unstamped_call_sites();
    /// assert_eq!((sites[0].target(), sites[0].count()), ("shop::jobs", 3));
    /// assert_eq!((sites[1].target(), sites[1].count()), ("shop::once", 1));
    /// ```
    #[must_use]
    pub fn unstamped_call_sites(&self) -> Vec<UnstampedCallSite> {
        self.counters.call_sites.all()
    }

    /// Lines without a trace id of call sites beyond the 1,024 that are [kept](Self::unstamped_call_sites).
    ///
    /// ```
    /// let stats = tracing_stamp::layer().stats();
    /// assert_eq!(stats.unstamped_elsewhere(), 0);
    /// ```
    #[must_use]
    pub fn unstamped_elsewhere(&self) -> u64 {
        self.counters.call_sites.elsewhere()
    }

    /// Lines that were cut to the limit; they are counted as stamped or unstamped too.
    ///
    /// ```
    /// let stats = tracing_stamp::layer().stats();
    /// assert_eq!(stats.truncated(), 0);
    /// ```
    #[must_use]
    pub fn truncated(&self) -> u64 {
        self.counters.truncated.load(Relaxed)
    }

    /// Lines that the writer refused with an error; they are counted as stamped or unstamped too.
    ///
    /// ```
    /// let stats = tracing_stamp::layer().stats();
    /// assert_eq!(stats.lost(), 0);
    /// ```
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.counters.lost.load(Relaxed)
    }

    #[inline]
    pub(crate) fn count_stamped(&self) {
        self.counters.stamped.fetch_add(1, Relaxed);
        note_stamped();
    }

    #[inline]
    pub(crate) fn count_unstamped(&self) {
        let before = self.counters.unstamped.fetch_add(1, Relaxed);
        self.note_unstamped(before + 1);
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.counters.facts
    }

    /// Where the unstamped lines of call sites are counted.
    pub(super) fn call_sites(&self) -> &CallSites {
        &self.counters.call_sites
    }

    pub(crate) fn count_truncated(&self) {
        self.counters.truncated.fetch_add(1, Relaxed);
    }

    /// Counts a lost line; whether it is the first.
    pub(crate) fn count_lost(&self) -> bool {
        self.counters.lost.fetch_add(1, Relaxed) == 0
    }
}
