use super::{
    facts::{Facts, note_stamped},
    sum::{Count, Sum},
    unstamped::{CallSites, UnstampedCallSite},
};
use log_redaction::{Redactor, RuleCount};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Counts the lines of one layer. Clones share the counters and stay valid after the layer is installed.
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
    stamped: Sum,
    unstamped: AtomicU64,
    truncated: AtomicU64,
    suppressed: AtomicU64,
    lost: AtomicU64,
    held: AtomicU64,
    released: AtomicU64,
    held_dropped: AtomicU64,
    call_sites: CallSites,
    facts: Facts,
    redactor: Mutex<Option<Redactor>>,
}

impl Stats {
    /// Returns the number of lines with a trace id.
    #[must_use]
    pub fn stamped(&self) -> u64 {
        self.counters.stamped.get()
    }

    /// Returns the number of lines without a trace id, logged outside of any trace.
    #[must_use]
    pub fn unstamped(&self) -> u64 {
        self.counters.unstamped.load(Relaxed)
    }

    /// Returns the call sites of the lines without a trace id, most lines first. The usual reason is a context that was not carried.
    ///
    /// A line about a span's life counts for the place where the span is created, and a record of `log` or slog for the place that the
    /// record names. All lines of one place form one entry. Records that share a call site, because they have more than 63 keys or
    /// come from more than 16,384 places, also form one entry, with the target `log` and no file.
    ///
    /// The first 1,024 call sites with such lines are kept. Lines from other call sites are counted by
    /// [`unstamped_elsewhere`](Self::unstamped_elsewhere). Neither number includes lines that this crate writes about itself, nor lines
    /// with a target that begins with `opentelemetry`: these never have ids, and only [`unstamped`](Self::unstamped) counts them.
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

    /// Returns the number of lines without a trace id from call sites other than the 1,024 that are
    /// [kept](Self::unstamped_call_sites).
    #[must_use]
    pub fn unstamped_elsewhere(&self) -> u64 {
        self.counters.call_sites.elsewhere()
    }

    /// Returns the number of lines that were cut to the maximum length. They also count as stamped or unstamped.
    #[must_use]
    pub fn truncated(&self) -> u64 {
        self.counters.truncated.load(Relaxed)
    }

    /// Returns the number of lines that [`with_burst`](crate::StampLayer::with_burst) has left out. They do not count as stamped or
    /// unstamped.
    #[must_use]
    pub fn suppressed(&self) -> u64 {
        self.counters.suppressed.load(Relaxed)
    }

    /// Returns the number of lines that the writer failed to write. They also count as stamped or unstamped.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.counters.lost.load(Relaxed)
    }

    /// Returns the number of lines that were held in memory: see [`Hold`](crate::Hold). Each of them is held still, or
    /// [released](Self::released), or [dropped](Self::held_dropped).
    #[must_use]
    pub fn held(&self) -> u64 {
        self.counters.held.load(Relaxed)
    }

    /// Returns the number of held lines that were written. They also count as stamped.
    #[must_use]
    pub fn released(&self) -> u64 {
        self.counters.released.load(Relaxed)
    }

    /// Returns the number of held lines that were dropped: because their trace has ended without a cause to write them, because of their
    /// age, or for lack of memory.
    #[must_use]
    pub fn held_dropped(&self) -> u64 {
        self.counters.held_dropped.load(Relaxed)
    }

    /// Returns how often each rule of [`with_redaction`](crate::StampLayer::with_redaction) has replaced or removed something. Rules that
    /// have not are left out.
    ///
    /// ```
    /// use tracing_stamp::Redaction;
    /// use tracing_subscriber::prelude::*;
    ///
    /// let layer = tracing_stamp::layer()
    ///     .with_writer(std::io::sink)
    ///     .with_redaction(Redaction::new().secret_keys());
    /// let stats = layer.stats();
    /// let subscriber = tracing_subscriber::registry().with(layer);
    /// tracing::subscriber::with_default(subscriber, || {
    ///     tracing::info!(user = "ada", password = "hunter2", "login");
    /// });
    /// let counts = stats.redacted();
    /// assert_eq!((&*counts[0].rule, counts[0].count), ("password", 1));
    /// ```
    #[must_use]
    pub fn redacted(&self) -> Vec<RuleCount> {
        let redactor = self.redactor().clone();
        redactor.map_or_else(Vec::new, |redactor| redactor.counts())
    }

    /// Takes the counts of redacted values from this redactor.
    pub(crate) fn set_redactor(&self, redactor: Redactor) {
        *self.redactor() = Some(redactor);
    }

    fn redactor(&self) -> MutexGuard<'_, Option<Redactor>> {
        let redactor = &self.counters.redactor;
        redactor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub(crate) fn count_held(&self) {
        self.counters.held.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_released(&self) {
        self.counters.released.fetch_add(1, Relaxed);
        self.count_stamped();
    }

    pub(crate) fn count_held_dropped(&self, lines: usize) {
        self.counters.held_dropped.fetch_add(lines as u64, Relaxed);
    }

    pub(crate) fn count_stamped(&self) {
        self.counters.stamped.increment();
        note_stamped();
    }

    /// Returns a count for a thread that is about to render a line with ids.
    pub(crate) fn new_count_of_stamped(&self) -> Count {
        note_stamped();
        self.counters.stamped.new_count()
    }

    #[inline]
    pub(crate) fn count_unstamped(&self) {
        let before = self.counters.unstamped.fetch_add(1, Relaxed);
        self.note_unstamped(before + 1);
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.counters.facts
    }

    /// Returns the counters of unstamped lines per call site.
    pub(super) fn call_sites(&self) -> &CallSites {
        &self.counters.call_sites
    }

    pub(crate) fn count_truncated(&self) {
        self.counters.truncated.fetch_add(1, Relaxed);
    }

    #[inline]
    pub(crate) fn count_suppressed(&self) {
        self.counters.suppressed.fetch_add(1, Relaxed);
    }

    /// Counts a lost line. Returns whether it is the first.
    pub(crate) fn count_lost(&self) -> bool {
        self.counters.lost.fetch_add(1, Relaxed) == 0
    }
}
