use crate::{
    id::TraceId,
    record::{Reader, Record},
    search::Taken,
    trace::{Line, Trace},
};
use std::{
    collections::HashMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// A trace whose root has ended gets no more lines after this time without one.
const AFTER_ROOT: Duration = Duration::from_secs(1);

/// What a line takes besides its text.
const BYTES_PER_LINE: usize = 160;

/// The traces that have not ended, with their lines.
pub(super) struct OpenTraces {
    /// By the lower half of their ids, which all forms of an id have.
    traces: HashMap<u64, OpenTrace>,
    bytes: usize,
    max_bytes: usize,
    quiet_after: Duration,
}

struct OpenTrace {
    id: TraceId,
    lines: Vec<(Arc<Path>, Taken)>,
    bytes: usize,
    has_error: bool,
    has_ended: bool,
    last: Instant,
}

/// A trace that has ended.
pub(super) struct EndedTrace {
    pub(super) trace: Trace,
    pub(super) has_error: bool,
}

impl OpenTraces {
    pub(super) fn new(max_bytes: usize, quiet_after: Duration) -> Self {
        Self {
            traces: HashMap::new(),
            bytes: 0,
            max_bytes,
            quiet_after,
        }
    }

    /// Adds a line. Returns how many traces had to be dropped to make room.
    pub(super) fn add(
        &mut self,
        source: &Arc<Path>,
        taken: Taken,
        record: &Record,
        now: Instant,
    ) -> usize {
        let Some(id) = record.trace_id.as_deref().and_then(TraceId::from_hex) else {
            return 0;
        };
        let following = taken.following.iter().map(Vec::len).sum::<usize>();
        let bytes = taken.raw.len() + following + BYTES_PER_LINE;
        let trace = self.traces.entry(id.lower()).or_insert_with(|| OpenTrace {
            id,
            lines: Vec::new(),
            bytes: 0,
            has_error: false,
            has_ended: false,
            last: now,
        });
        if trace.id.is_short() {
            trace.id = id;
        }
        trace.has_error |= record.is_error();
        trace.has_ended |= record.span_times.is_some() && record.parent_span_id.is_none();
        trace.lines.push((Arc::clone(source), taken));
        trace.bytes += bytes;
        trace.last = now;
        self.bytes += bytes;
        self.make_room()
    }

    /// Removes the traces that have ended.
    pub(super) fn ended(&mut self, now: Instant, reader: &Reader) -> Vec<EndedTrace> {
        let quiet_after = self.quiet_after;
        let has_ended = |trace: &OpenTrace| {
            let quiet = now.saturating_duration_since(trace.last);
            quiet >= quiet_after || (trace.has_ended && quiet >= AFTER_ROOT)
        };
        let ended = self.traces.extract_if(|_, trace| has_ended(trace));
        let mut ended: Vec<OpenTrace> = ended.map(|(_, trace)| trace).collect();
        ended.sort_by_key(|trace| (trace.last, trace.id));
        self.bytes -= ended.iter().map(|trace| trace.bytes).sum::<usize>();
        ended
            .into_iter()
            .map(|trace| trace.finish(reader))
            .collect()
    }

    /// Drops the traces that have had no line for the longest time, until a quarter of the memory is free.
    fn make_room(&mut self) -> usize {
        if self.bytes <= self.max_bytes {
            return 0;
        }
        let mut oldest: Vec<(Instant, u64)> = self
            .traces
            .iter()
            .map(|(key, trace)| (trace.last, *key))
            .collect();
        oldest.sort_unstable();
        let mut dropped = 0;
        for (_, key) in oldest {
            if self.bytes <= self.max_bytes / 4 * 3 {
                break;
            }
            if let Some(trace) = self.traces.remove(&key) {
                self.bytes -= trace.bytes;
                dropped += 1;
            }
        }
        dropped
    }
}

impl OpenTrace {
    fn finish(self, reader: &Reader) -> EndedTrace {
        let mut sources: Vec<(Arc<Path>, Vec<Line>)> = Vec::new();
        for (source, taken) in self.lines {
            let line = Line::of_taken(&source, taken, reader);
            match sources.iter_mut().find(|(known, _)| *known == source) {
                Some((_, lines)) => lines.push(line),
                None => sources.push((source, vec![line])),
            }
        }
        let lines = sources.into_iter().map(|(_, lines)| lines);
        EndedTrace {
            trace: Trace::merge(self.id, lines),
            has_error: self.has_error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(traces: &mut OpenTraces, line: &str, now: Instant) -> usize {
        let taken = Taken {
            raw: line.as_bytes().to_vec(),
            ..Taken::default()
        };
        let record = Reader::new().read(line.as_bytes());
        traces.add(&Path::new("app.log").into(), taken, &record, now)
    }

    fn ended(traces: &mut OpenTraces, now: Instant) -> Vec<(u64, usize, bool)> {
        let ended = traces.ended(now, &Reader::new()).into_iter();
        let ended = ended.map(|ended| {
            let lines = ended.trace.lines().len();
            (ended.trace.id().lower(), lines, ended.has_error)
        });
        ended.collect()
    }

    const QUIET: Duration = Duration::from_secs(5);

    #[test]
    fn a_trace_ends_a_second_after_its_root_or_after_a_longer_time_without_a_line() {
        let mut traces = OpenTraces::new(1 << 20, QUIET);
        let start = Instant::now();
        let child = r#"{"timestamp":"2026-11-29T16:00:00Z","level":"INFO","message":"close","span_name":"s","trace_id":"4bf92f3577b34da60000000000000001","span_id":"00f067aa0ba902b8","parent_span_id":"00f067aa0ba902b7","start_time":"2026-11-29T16:00:00Z","duration_ms":1.0,"busy_ms":1.0,"idle_ms":0.0}"#;
        let root = child.replace(r#""parent_span_id":"00f067aa0ba902b7","#, "");
        add(&mut traces, child, start);
        add(&mut traces, &child.replace("0001", "0002"), start);
        assert_eq!(ended(&mut traces, start + AFTER_ROOT), []);
        add(&mut traces, &root, start + AFTER_ROOT);
        assert_eq!(ended(&mut traces, start + AFTER_ROOT), []);
        assert_eq!(ended(&mut traces, start + 2 * AFTER_ROOT), [(1, 2, false)]);
        assert_eq!(ended(&mut traces, start + QUIET), [(2, 1, false)]);
        assert_eq!(traces.bytes, 0);
    }

    #[test]
    fn short_and_whole_ids_are_of_one_trace() {
        let mut traces = OpenTraces::new(1 << 20, QUIET);
        let start = Instant::now();
        let short = r#"{"level":"error","msg":"m","dd":{"trace_id":"11803532876627986230"}}"#;
        let whole = r#"{"level":"info","msg":"m","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#;
        add(&mut traces, short, start);
        add(&mut traces, whole, start);
        let found = traces.ended(start + QUIET, &Reader::new());
        let ids: Vec<String> = found
            .iter()
            .map(|found| found.trace.id().to_string())
            .collect();
        assert_eq!(ids, ["4bf92f3577b34da6a3ce929d0e0e4736"]);
        assert!(found[0].has_error && found[0].trace.lines().len() == 2);
    }

    #[test]
    fn the_oldest_traces_are_dropped_before_their_lines_need_too_much_memory() {
        let mut traces = OpenTraces::new(10_000, QUIET);
        let start = Instant::now();
        let mut dropped = 0;
        for number in 1..=1_000_u32 {
            let line = format!(r#"{{"level":"info","msg":"m","trace_id":"{number:032x}"}}"#);
            dropped += add(
                &mut traces,
                &line,
                start + Duration::from_millis(number.into()),
            );
            assert!(traces.bytes <= 10_000);
        }
        let left = ended(&mut traces, start + QUIET * 2);
        assert_eq!(left.len() + dropped, 1_000);
        assert!(left.len() > 20 && left[0].0 == 1_001 - left.len() as u64);
    }
}
