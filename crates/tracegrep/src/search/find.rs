//! The search for one trace in all inputs, and on servers.

use super::{
    Found, Outcome, Problem, candidates::candidates, found::count_complete, input::Input, parallel,
    period::Period, read::read, remote::SpanServer, remote_lines::remote_lines, repeats::Repeats,
    taken::Taken, wanted::Wanted,
};
use crate::{
    id::{Finder, TraceId, TraceQuery},
    record::Reader,
    trace::{Line, StatedSpan, Trace},
};
use log_files::trace_index::IndexedBlock;
use std::{ops::Range, path::Path, sync::Arc};

pub(super) fn find(
    inputs: Vec<Input>,
    servers: &[Arc<dyn SpanServer>],
    period: Period,
    reader: &Reader,
    query: &TraceQuery,
    mut problems: Vec<Problem>,
) -> Found {
    let (searched, before) = (inputs.len() + servers.len(), problems.len());
    let scanned = match Finder::new(query) {
        Ok(finder) => scan_all(inputs, period, reader, query, &finder, &mut problems),
        Err(error) => {
            problems.push(Problem::new(Path::new("-"), error.to_string()));
            Vec::new()
        }
    };
    let lines_outside_period = scanned.iter().map(|scanned| scanned.outside_period).sum();
    let outcome = outcome(scanned, servers, period, reader, query, &mut problems);
    Found {
        inputs: searched,
        complete: count_complete(searched, problems.iter().skip(before)),
        lines_outside_period,
        outcome,
        problems,
    }
}

fn outcome(
    mut scanned: Vec<Scanned>,
    servers: &[Arc<dyn SpanServer>],
    period: Period,
    reader: &Reader,
    query: &TraceQuery,
    problems: &mut Vec<Problem>,
) -> Outcome {
    let id = match query.whole() {
        Some(id) => id,
        None => {
            let found = candidates(scanned.iter().flat_map(|scanned| &scanned.lines));
            let id = match &*found {
                [] => {
                    let reason =
                        "needs the whole id of 32 digits, and no line that was found has it";
                    let problem = |server: &Arc<dyn SpanServer>| {
                        Problem::new(Path::new(server.name()), reason)
                    };
                    problems.extend(servers.iter().map(problem));
                    return Outcome::Nothing;
                }
                [only] => only.id,
                _ => return Outcome::Several(found),
            };
            complete(&mut scanned, period, reader, id);
            id
        }
    };
    remove_repeats(&mut scanned);
    let lines_of = |scanned: Scanned| scanned.lines.into_iter().map(|(line, _)| line).collect();
    let trace = Trace::merge(id, scanned.into_iter().map(lines_of));
    let trace = trace.with_stated(spans(servers, id, problems));
    match trace.is_empty() {
        true => Outcome::Nothing,
        false => Outcome::Trace(trace),
    }
}

/// Removes the lines of servers that files or other servers have too.
fn remove_repeats(scanned: &mut [Scanned]) {
    if !scanned.iter().any(|scanned| scanned.is_server) {
        return;
    }
    let mut repeats = Repeats::default();
    for scanned in scanned {
        repeats.add(&mut scanned.lines, |(line, _)| line, scanned.is_server);
    }
}

/// Asks all servers for the spans of a trace.
fn spans(
    servers: &[Arc<dyn SpanServer>],
    id: TraceId,
    problems: &mut Vec<Problem>,
) -> Vec<StatedSpan> {
    let mut all = Vec::new();
    for server in servers {
        match server.spans(id) {
            Ok(spans) => all.extend(spans),
            Err(reason) => problems.push(Problem::new(Path::new(server.name()), reason)),
        }
    }
    all
}

/// The lines that were found in one input, each with the ids that it has.
struct Scanned {
    lines: Vec<(Line, Vec<TraceId>)>,
    /// How many lines were removed because of their time.
    outside_period: usize,
    is_server: bool,
    /// The input once more, if it can be read again.
    again: Option<Input>,
}

impl Wanted for Finder {
    const TAKES_FOLLOWING: bool = true;

    fn find(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let hit = Self::find(self, text, from)?;
        Some(hit.start..hit.end)
    }

    fn uses_index(&self) -> bool {
        self.key().is_some()
    }

    fn may_be_in(&self, block: &IndexedBlock) -> bool {
        self.key().is_none_or(|key| block.may_have(key))
    }
}

fn scan_all(
    inputs: Vec<Input>,
    period: Period,
    reader: &Reader,
    query: &TraceQuery,
    finder: &Finder,
    problems: &mut Vec<Problem>,
) -> Vec<Scanned> {
    let results = parallel::map(inputs, |input| {
        let again = input.again();
        let is_server = matches!(input, Input::Server(_));
        let (lines, problem) = lines(input, period, reader, query, finder);
        let with_ids = |line| (ids(finder, &line), line);
        let with_ids = lines.into_iter().map(with_ids);
        let mut lines: Vec<_> = with_ids.map(|(ids, line)| (line, ids)).collect();
        let found = lines.len();
        period.keep(&mut lines, |(line, _)| line.record.time);
        let scanned = Scanned {
            outside_period: found - lines.len(),
            lines,
            is_server,
            again,
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

/// Returns the lines of one input, and why some may be missing.
fn lines(
    input: Input,
    period: Period,
    reader: &Reader,
    query: &TraceQuery,
    finder: &Finder,
) -> (Vec<Line>, Option<Problem>) {
    let name = input.name();
    if let Input::Server(server) = input {
        let (lines, problem) = remote_lines(&*server, query, finder, period, reader);
        return (lines, problem.map(|reason| Problem::new(&name, reason)));
    }
    let mut lines = Vec::new();
    let problem = read(input, finder, &mut |taken| {
        lines.push(Line::of_taken(&name, taken, reader));
    });
    lines.sort_by_key(|line| line.offset);
    (lines, problem)
}

impl Line {
    pub(crate) fn of_taken(source: &Arc<Path>, taken: Taken, reader: &Reader) -> Self {
        Self {
            source: Arc::clone(source),
            offset: taken.offset,
            record: reader.read(&taken.raw),
            raw: taken.raw,
            following: taken.following,
            left_out: taken.left_out,
            is_cut: taken.is_cut,
            is_mention: false,
        }
    }
}

/// Returns the ids in a line that are wanted. If the line's own trace id is one of them, the others are only mentioned.
fn ids(finder: &Finder, line: &Line) -> Vec<TraceId> {
    let own = line.own_id();
    let mut ids = Vec::new();
    for text in std::iter::once(line.text()).chain(line.following_texts()) {
        let mut from = 0;
        while let Some(hit) = finder.find(&text, from) {
            from = hit.end;
            match own {
                Some(own) if hit.id.agrees_with(own) => return vec![own],
                _ if hit.is_certain && !ids.contains(&hit.id) => ids.push(hit.id),
                _ => {}
            }
        }
    }
    ids
}

/// Searches files and servers again, for all forms of the id, and removes lines of other traces from the rest.
fn complete(scanned: &mut [Scanned], period: Period, reader: &Reader, id: TraceId) {
    let query = id.into();
    let Ok(finder) = Finder::new(&query) else {
        return;
    };
    let mut inputs = Vec::new();
    let mut searched = Vec::new();
    for scanned in scanned {
        match scanned.again.take() {
            Some(input) => {
                inputs.push(input.announced());
                searched.push(scanned);
            }
            None => scanned
                .lines
                .retain(|(_, ids)| ids.iter().any(|found| found.agrees_with(id))),
        }
    }
    // Problems have been reported by the first search.
    let again = scan_all(inputs, period, reader, &query, &finder, &mut Vec::new());
    for (scanned, again) in searched.into_iter().zip(again) {
        scanned.lines = again.lines;
    }
}
