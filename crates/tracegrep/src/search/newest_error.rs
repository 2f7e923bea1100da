use super::{id_of::id_of, input::Input, parallel, period::Period, read::read, wanted::Wanted};
use crate::{
    id::{Searcher, TraceId, TraceQuery},
    record::{Level, Reader, Record},
};
use std::ops::Range;

/// Lines of level `ERROR` and above have one of these.
const WORDS: [&str; 27] = [
    "ERRO",
    "erro",
    "Erro",
    "FATAL",
    "fatal",
    "Fatal",
    "CRIT",
    "crit",
    "Crit",
    "PANIC",
    "panic",
    "EMERG",
    "emerg",
    "ALERT",
    "alert",
    "SEVERE",
    "severe",
    // Syslog: 0 to 3. bunyan and pino: 50 and 60.
    "level\":0",
    "level\":1",
    "level\":2",
    "level\":3",
    "level\":5",
    "level\":6",
    // The same within a string of JSON, and with a space.
    "level\\\":5",
    "level\\\":6",
    "level\": 5",
    "level\": 6",
];

struct ErrorWords(Searcher);

impl Wanted for ErrorWords {
    const TAKES_FOLLOWING: bool = false;

    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        self.0.find(text, from).map(|(_, range)| range)
    }
}

/// Returns the trace of the newest line of level `ERROR` or above. Lines without a time count as older than all others. If no field of a line
/// is its trace id, an id that stands alone in its text is.
pub(super) fn newest_error(
    files: &[Input],
    period: Period,
    reader: &Reader,
    is_wanted: impl Fn(&Record) -> bool + Sync,
) -> Option<TraceQuery> {
    let words = ErrorWords(Searcher::new(&WORDS).ok()?);
    let files = files.iter().filter_map(Input::again);
    let files = files.map(Input::announced).collect();
    let newest = parallel::map(files, |file| {
        let mut newest: Option<(Option<i64>, TraceId)> = None;
        // The search for the trace reports problems.
        read(file, &words, &mut |taken| {
            let record = reader.read(&taken.raw);
            let is_error = record.level >= Some(Level::Error);
            let is_inside = record.time.is_none_or(|time| period.contains(time));
            let is_newest = newest.is_none_or(|(time, _)| time <= record.time);
            if !(is_error && is_inside && is_newest && is_wanted(&record)) {
                return;
            }
            if let Some(id) = id_of(&record, &taken.raw) {
                newest = Some((record.time, id));
            }
        });
        newest
    });
    let newest = newest.into_iter().flatten().max_by_key(|(time, _)| *time);
    newest.map(|(_, id)| TraceQuery::of_line(id))
}
