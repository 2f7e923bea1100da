use super::{
    Problem, id_of::id_of, id_runs::IdRuns, in_period::InPeriod, input::Input, parallel,
    period::Period, read::read, wanted::Wanted,
};
use crate::{
    id::{TraceId, TraceQuery},
    record::{Glancer, Level, Reader, Record},
};
use log_files::trace_index::IndexedBlock;
use std::{
    ops::Range,
    sync::atomic::{AtomicI64, Ordering::Relaxed},
};

/// Lines that can be a newer error than those found so far, in any file.
struct Newer {
    lines: InPeriod<IdRuns<false>>,
    has_known_keys_only: bool,
    /// The time of the newest error that was found.
    found: AtomicI64,
}

impl Wanted for Newer {
    const TAKES_FOLLOWING: bool = false;
    const STARTS_AT_END: bool = true;

    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        self.lines.find(text, from)
    }

    fn uses_index(&self) -> bool {
        self.has_known_keys_only
    }

    fn may_be_in(&self, block: &IndexedBlock) -> bool {
        let found = self.found.load(Relaxed);
        let is_newer = || block.times().is_none_or(|times| *times.end() >= found);
        self.lines.may_be_in(block) && is_newer()
    }
}

/// Returns the trace of the newest line of level `ERROR` or above. Lines without a time count as older than all others. If no field of a line
/// is its trace id, an id that stands alone in its text is. Also returns which files could not be read to their end.
pub(super) fn newest_error(
    files: &[Input],
    period: Period,
    reader: &Reader,
    is_wanted: impl Fn(&Record) -> bool + Sync,
) -> (Option<TraceQuery>, Vec<Problem>) {
    let wanted = Newer {
        lines: InPeriod::new(IdRuns::<false>, period, reader),
        has_known_keys_only: reader.has_known_keys_only(),
        found: AtomicI64::new(i64::MIN),
    };
    // Rotated files come before the file that is written to, which has newer lines.
    let files = files.iter().rev().filter_map(Input::again);
    let files = files.map(Input::announced).collect();
    let newest = parallel::map(files, |file| {
        let mut newest: Option<(Option<i64>, u64, TraceId)> = None;
        let mut glancer = Glancer::new(reader.clone());
        let problem = read(file, &wanted, &mut |taken| {
            let glance = glancer.glance(&taken.raw);
            let is_error = glance.level >= Some(Level::Error);
            let is_inside = glance.time.is_none_or(|time| period.contains(time));
            let place = (glance.time, taken.offset);
            let is_newest = newest.is_none_or(|(time, offset, _)| (time, offset) <= place);
            if !(is_error && is_inside && is_newest) {
                return;
            }
            let record = reader.read(&taken.raw);
            if is_wanted(&record)
                && let Some(id) = id_of(&record, &taken.raw)
            {
                newest = Some((glance.time, taken.offset, id));
                wanted
                    .found
                    .fetch_max(glance.time.unwrap_or(i64::MIN), Relaxed);
            }
        });
        (newest, problem)
    });
    let (newest, problems): (Vec<_>, Vec<_>) = newest.into_iter().rev().unzip();
    let newest = newest.into_iter().flatten();
    let newest = newest.max_by_key(|(time, ..)| *time);
    let query = newest.map(|(.., id)| TraceQuery::of_line(id));
    (query, problems.into_iter().flatten().collect())
}
