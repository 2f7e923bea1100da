use super::{
    period::Period,
    remote::{Entry, LineServer},
};
use crate::{
    id::{Finder, TraceQuery},
    record::Reader,
    trace::Line,
};
use std::{path::Path, sync::Arc};

/// Asks a server for lines. Returns those in which the id is found, in order of time, and why lines may be missing.
pub(super) fn remote_lines(
    server: &dyn LineServer,
    query: &TraceQuery,
    finder: &Finder,
    period: Period,
    reader: &Reader,
) -> (Vec<Line>, Option<String>) {
    let fetched = server.lines(query, period);
    let source: Arc<Path> = Path::new(server.name()).into();
    let entries = fetched.entries.into_iter();
    let entries = entries.filter(|entry| finder.find(&entry.text, 0).is_some());
    let mut lines: Vec<Line> = entries.map(|entry| line(&source, entry, reader)).collect();
    lines.sort_by_key(|line| line.record.time);
    for (number, line) in (0..).zip(&mut lines) {
        line.offset = number;
    }
    (lines, fetched.problem)
}

fn line(source: &Arc<Path>, entry: Entry, reader: &Reader) -> Line {
    let mut parts = entry.text.split(|byte| *byte == b'\n');
    let strip = |part: &[u8]| part.strip_suffix(b"\r").unwrap_or(part).to_vec();
    let raw = parts.next().map(strip).unwrap_or_default();
    let mut following: Vec<Vec<u8>> = parts.map(strip).collect();
    while following.last().is_some_and(Vec::is_empty) {
        following.pop();
    }
    let mut record = reader.read(&raw);
    record.time = record.time.or(entry.time);
    record.service = record.service.or(entry.service);
    Line {
        source: Arc::clone(source),
        offset: 0,
        raw,
        following,
        left_out: 0,
        is_cut: false,
        is_mention: false,
        record,
    }
}
