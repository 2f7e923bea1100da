//! The search for one trace in all inputs.

use super::{
    Found, Outcome, Problem,
    candidates::candidates,
    input::{FileInput, Input},
    parallel,
    period::Period,
    read::read,
    taken::Taken,
    wanted::Wanted,
};
use crate::{
    id::{Finder, TraceId, TraceQuery},
    record::Reader,
    trace::{Line, Trace},
};
use log_files::trace_index::TraceKey;
use std::{ops::Range, path::Path, sync::Arc};

pub(super) fn find(
    inputs: Vec<Input>,
    period: Period,
    reader: &Reader,
    query: &TraceQuery,
    mut problems: Vec<Problem>,
) -> Found {
    let searched = inputs.len();
    let scanned = match Finder::new(query) {
        Ok(finder) => scan_all(inputs, period, reader, &finder, &mut problems),
        Err(error) => {
            problems.push(Problem::new(Path::new("-"), error.to_string()));
            Vec::new()
        }
    };
    Found {
        inputs: searched,
        lines_outside_period: scanned.iter().map(|scanned| scanned.outside_period).sum(),
        outcome: outcome(scanned, period, reader, query),
        problems,
    }
}

fn outcome(
    mut scanned: Vec<Scanned>,
    period: Period,
    reader: &Reader,
    query: &TraceQuery,
) -> Outcome {
    let id = match query.whole() {
        Some(id) => id,
        None => {
            let found = candidates(scanned.iter().flat_map(|scanned| &scanned.lines));
            let id = match &*found {
                [] => return Outcome::Nothing,
                [only] => only.id,
                _ => return Outcome::Several(found),
            };
            complete(&mut scanned, period, reader, id);
            id
        }
    };
    let lines_of = |scanned: Scanned| scanned.lines.into_iter().map(|(line, _)| line).collect();
    let trace = Trace::merge(id, scanned.into_iter().map(lines_of));
    match trace.lines().is_empty() {
        true => Outcome::Nothing,
        false => Outcome::Trace(trace),
    }
}

/// The lines that were found in one input, each with the ids that it has.
struct Scanned {
    lines: Vec<(Line, Vec<TraceId>)>,
    /// How many lines were removed because of their time.
    outside_period: usize,
    /// The file, if the input can be read again.
    file: Option<FileInput>,
}

impl Wanted for Finder {
    const TAKES_FOLLOWING: bool = true;

    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let hit = Self::find(self, text, from)?;
        Some(hit.start..hit.end)
    }

    fn key(&self) -> Option<TraceKey> {
        Self::key(self)
    }
}

fn scan_all(
    inputs: Vec<Input>,
    period: Period,
    reader: &Reader,
    finder: &Finder,
    problems: &mut Vec<Problem>,
) -> Vec<Scanned> {
    let results = parallel::map(inputs, |input| {
        let name = input.name();
        let file = input.file().cloned();
        let mut lines = Vec::new();
        let problem = read(input, finder, &mut |taken| {
            let line = Line::of_taken(&name, taken, reader);
            let ids = ids(finder, &line);
            lines.push((line, ids));
        });
        lines.sort_by_key(|(line, _)| line.offset);
        let found = lines.len();
        period.keep(&mut lines, |(line, _)| line.record.time);
        let scanned = Scanned {
            outside_period: found - lines.len(),
            lines,
            file,
        };
        (scanned, problem)
    });
    let mut all = Vec::new();
    for (scanned, problem) in results {
        all.push(scanned);
        problems.extend(problem);
    }
    all
}

impl Line {
    pub(crate) fn of_taken(source: &Arc<Path>, taken: Taken, reader: &Reader) -> Self {
        Self {
            source: Arc::clone(source),
            offset: taken.offset,
            record: reader.read(&taken.raw),
            raw: taken.raw,
            following: taken.following,
            is_cut: taken.is_cut,
            is_mention: false,
        }
    }
}

/// Returns the ids in a line that are wanted. If the line's own trace id is one of them, the others are only mentioned.
fn ids(finder: &Finder, line: &Line) -> Vec<TraceId> {
    let own = line.own_id();
    let text = line.text();
    let mut ids = Vec::new();
    let mut from = 0;
    while let Some(hit) = finder.find(&text, from) {
        from = hit.end;
        match own {
            Some(own) if hit.id.agrees_with(own) => return vec![own],
            _ if hit.is_certain && !ids.contains(&hit.id) => ids.push(hit.id),
            _ => {}
        }
    }
    ids
}

/// Searches the files again, for all forms of the id, and removes lines of other traces from the rest.
fn complete(scanned: &mut [Scanned], period: Period, reader: &Reader, id: TraceId) {
    let Ok(finder) = Finder::new(&id.into()) else {
        return;
    };
    let files = scanned.iter().filter_map(|scanned| scanned.file.clone());
    let files = files.map(Input::of_file);
    // Problems have been reported by the first search.
    let mut again = scan_all(files.collect(), period, reader, &finder, &mut Vec::new()).into_iter();
    for scanned in scanned {
        match &scanned.file {
            Some(_) => scanned.lines = again.next().map(|again| again.lines).unwrap_or_default(),
            None => scanned
                .lines
                .retain(|(_, ids)| ids.iter().any(|found| found.agrees_with(id))),
        }
    }
}
