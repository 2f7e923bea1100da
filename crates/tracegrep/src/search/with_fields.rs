use super::{
    Candidate, Problem, candidates::drop_short, id_of::id_of, in_period::InPeriod, input::Input,
    parallel, period::Period, read::read, wanted::Wanted,
};
use crate::{
    id::{Searcher, TraceId},
    record::{Field, Reader},
};
use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

/// A text that is in each line with the fields. Without a text, each line is read.
struct FieldText(Option<Searcher>);

impl Wanted for FieldText {
    const TAKES_FOLLOWING: bool = false;

    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        match &self.0 {
            Some(searcher) => searcher.find(text, from).map(|(_, range)| range),
            None => (from < text.len()).then_some(from..from),
        }
    }
}

/// Returns the traces that have a line with all of the fields, and which files could not be read to their end.
pub(super) fn with_fields(
    files: &[Input],
    period: Period,
    reader: &Reader,
    fields: &[Field],
) -> (Vec<Candidate>, Vec<Problem>) {
    let texts = fields.iter().map(Field::text);
    let text = texts.max_by_key(|text| text.len()).unwrap_or_default();
    let searcher = (!text.is_empty()).then(|| Searcher::new(&[text]).ok());
    let wanted = InPeriod::new(FieldText(searcher.flatten()), period, reader);
    let files = files.iter().filter_map(Input::again);
    let files = files.map(Input::announced).collect();
    let found = parallel::map(files, |file| {
        let mut found: BTreeMap<TraceId, Candidate> = BTreeMap::new();
        let problem = read(file, &wanted, &mut |taken| {
            let record = reader.read(&taken.raw);
            let is_inside = record.time.is_none_or(|time| period.contains(time));
            if !(is_inside && fields.iter().all(|field| field.is_in(&record))) {
                return;
            }
            if let Some(id) = id_of(&record, &taken.raw) {
                let candidate = found.entry(id).or_insert_with(|| Candidate::new(id));
                candidate.add(1, record.time);
            }
        });
        (found, problem)
    });
    let (found, problems): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let mut all: BTreeMap<TraceId, Candidate> = BTreeMap::new();
    for (id, candidate) in found.into_iter().flatten() {
        let of_all = all.entry(id).or_insert_with(|| Candidate::new(id));
        of_all.add(candidate.lines, candidate.time);
    }
    drop_short(&mut all);
    let mut candidates: Vec<Candidate> = all.into_values().collect();
    candidates.sort_by_key(|candidate| (Reverse(candidate.lines), candidate.id));
    (candidates, problems.into_iter().flatten().collect())
}
