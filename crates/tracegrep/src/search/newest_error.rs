use super::{id_of::id_of, id_runs::IdRuns, input::Input, parallel, period::Period, read::read};
use crate::{
    id::{TraceId, TraceQuery},
    record::{Glancer, Level, Reader, Record},
};

/// Returns the trace of the newest line of level `ERROR` or above. Lines without a time count as older than all others. If no field of a line
/// is its trace id, an id that stands alone in its text is.
pub(super) fn newest_error(
    files: &[Input],
    period: Period,
    reader: &Reader,
    is_wanted: impl Fn(&Record) -> bool + Sync,
) -> Option<TraceQuery> {
    let files = files.iter().filter_map(Input::again);
    let files = files.map(Input::announced).collect();
    let newest = parallel::map(files, |file| {
        let mut newest: Option<(Option<i64>, TraceId)> = None;
        let mut glancer = Glancer::new(reader.clone());
        // The search for the trace reports problems.
        read(file, &IdRuns::<false>, &mut |taken| {
            let glance = glancer.glance(&taken.raw);
            let is_error = glance.level >= Some(Level::Error);
            let is_inside = glance.time.is_none_or(|time| period.contains(time));
            let is_newest = newest.is_none_or(|(time, _)| time <= glance.time);
            if !(is_error && is_inside && is_newest) {
                return;
            }
            let record = reader.read(&taken.raw);
            if is_wanted(&record)
                && let Some(id) = id_of(&record, &taken.raw)
            {
                newest = Some((glance.time, id));
            }
        });
        newest
    });
    let newest = newest.into_iter().flatten().max_by_key(|(time, _)| *time);
    newest.map(|(_, id)| TraceQuery::of_line(id))
}
