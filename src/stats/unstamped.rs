//! Counts lines outside of any trace, per call site.

use log_files::Printable;
use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};
use tracing_core::Metadata;

/// The maximum number of call sites that are kept, of some hundred bytes each. Lines from other call sites share one counter.
const MAX_CALL_SITES: usize = 1_024;

/// A call site with lines without a trace id, and their number so far. Returned by
/// [`Stats::unstamped_call_sites`](crate::Stats::unstamped_call_sites).
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// let layer = tracing_stamp::layer().with_writer(std::io::sink);
/// let stats = layer.stats();
/// let subscriber = tracing_subscriber::registry().with(layer);
/// tracing::subscriber::with_default(subscriber, || tracing::info!(target: "shop::jobs", "outside of any trace"));
///
/// let worst = &stats.unstamped_call_sites()[0];
/// let place = format!("shop::jobs ({}:{})", worst.file().unwrap_or_default(), worst.line().unwrap_or_default());
/// assert_eq!(worst.to_string(), format!("{place}: 1 line"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnstampedCallSite {
    place: Place,
    count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    target: &'static str,
    file: Option<&'static str>,
    line: Option<u32>,
}

impl UnstampedCallSite {
    /// Returns the target of the lines.
    #[must_use]
    pub fn target(&self) -> &str {
        self.place.target
    }

    /// Returns the source file, if it is known.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.place.file
    }

    /// Returns the line in the source file, if it is known.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.place.line
    }

    /// Returns the number of lines without a trace id that were logged here.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

/// Writes, for example, `shop::jobs (src/jobs.rs:17): 42 lines`.
impl fmt::Display for UnstampedCallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Targets of `log` and slog can be created at run time from any text.
        let f = &mut Printable(f);
        let Place { target, file, line } = self.place;
        f.write_str(target)?;
        match (file, line) {
            (Some(file), Some(line)) => write!(f, " ({file}:{line})")?,
            (Some(file), None) => write!(f, " ({file})")?,
            (None, Some(line)) => write!(f, " (line {line})")?,
            (None, None) => {}
        }
        let lines = if self.count == 1 { "line" } else { "lines" };
        write!(f, ": {} {lines}", self.count)
    }
}

/// The counters of a layer's unstamped lines. Each is created by its first line.
#[derive(Default)]
pub(super) struct CallSites {
    /// Counters by place. Several call sites can share a place: `log` has one for each set of keys that it logs there.
    kept: Mutex<HashMap<Place, Arc<AtomicU64>>>,
    elsewhere: Arc<AtomicU64>,
}

impl CallSites {
    /// Returns all call sites that have lines, most lines first.
    pub(super) fn all(&self) -> Vec<UnstampedCallSite> {
        let call_site = |(place, count): (&Place, &Arc<AtomicU64>)| UnstampedCallSite {
            place: *place,
            count: count.load(Relaxed),
        };
        let mut all: Vec<_> = self.kept().iter().map(call_site).collect();
        // A call site may have been added just now, before its first line is counted.
        all.retain(|site| site.count > 0);
        all.sort_unstable_by(|one, other| {
            (other.count.cmp(&one.count)).then_with(|| one.place.cmp(&other.place))
        });
        all
    }

    /// Returns the number of lines from call sites that are not kept.
    pub(super) fn elsewhere(&self) -> u64 {
        self.elsewhere.load(Relaxed)
    }

    #[cold]
    pub(super) fn counter(&self, metadata: &'static Metadata<'static>) -> Arc<AtomicU64> {
        let place = Place {
            target: metadata.target(),
            file: metadata.file(),
            line: metadata.line(),
        };
        let mut kept = self.kept();
        let has_room = kept.len() < MAX_CALL_SITES || kept.contains_key(&place);
        if has_room {
            Arc::clone(kept.entry(place).or_default())
        } else {
            Arc::clone(&self.elsewhere)
        }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Place, Arc<AtomicU64>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Omits the call sites: there are many, and they would be written while they are locked.
impl fmt::Debug for CallSites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallSites").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, UnstampedCallSite};

    #[test]
    fn a_call_site_is_displayed_with_what_is_known_and_without_control_characters() {
        for (target, file, line, count, expected) in [
            (
                "jobs",
                Some("jobs.rs"),
                Some(17),
                42,
                "jobs (jobs.rs:17): 42 lines",
            ),
            ("jobs", Some("jobs.rs"), None, 1, "jobs (jobs.rs): 1 line"),
            ("jobs", None, Some(17), 2, "jobs (line 17): 2 lines"),
            ("jobs", None, None, 2, "jobs: 2 lines"),
            (
                "a\n\u{9b}é",
                Some("\u{1b}\\"),
                None,
                2,
                "a\\n\\u{9b}é (\\u{1b}\\): 2 lines",
            ),
        ] {
            let place = Place { target, file, line };
            assert_eq!(UnstampedCallSite { place, count }.to_string(), expected);
        }
    }
}
