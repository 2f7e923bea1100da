use super::{new_lines::NewLines, open_traces::OpenTraces};
use crate::{
    id::Finder,
    record::Reader,
    search::{IdRuns, Problem},
    trace::{Line, Trace},
};
use std::time::{Duration, Instant};

/// What has happened in the files that are followed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A trace has ended.
    Trace(Trace),
    /// There is a new line of the trace that is looked for.
    Line(Box<Line>),
    /// A file cannot be read.
    Problem(Problem),
    /// So many traces were dropped before they ended, because all open traces together needed too much memory.
    Dropped(usize),
}

/// Follows files. Made by [`Follow`](super::Follow).
#[must_use = "nothing is read until `wait` is called"]
pub struct Following {
    pub(super) lines: NewLines,
    pub(super) reader: Reader,
    pub(super) wanted: Wanted,
}

/// What is wanted of the new lines.
pub(super) enum Wanted {
    Lines(Box<Finder>),
    Traces { open: OpenTraces, only_errors: bool },
}

impl Following {
    /// Waits until files have changed, or for at most this long, and returns what has happened. Call it again at once: a trace ends when no
    /// lines come, and that is noticed only during a call.
    #[must_use]
    pub fn wait(&mut self, timeout: Duration) -> Vec<Event> {
        let reader = &self.reader;
        let mut events = Vec::new();
        let problems = match &mut self.wanted {
            Wanted::Lines(finder) => self.lines.wait(timeout, &**finder, &mut |source, taken| {
                let line = Line::of_taken(source, taken, reader);
                events.push(Event::Line(Box::new(line)));
            }),
            Wanted::Traces { open, only_errors } => {
                let ids = IdRuns::<true>;
                let mut dropped = 0;
                let problems = self.lines.wait(timeout, &ids, &mut |source, taken| {
                    let mut record = reader.read(&taken.raw);
                    if record.trace_id.is_none() {
                        let mut following = taken.following.iter();
                        record.trace_id = following.find_map(|line| reader.read(line).trace_id);
                    }
                    dropped += open.add(source, taken, &record, Instant::now());
                });
                if dropped > 0 {
                    events.push(Event::Dropped(dropped));
                }
                let ended = open.ended(Instant::now(), reader).into_iter();
                let ended = ended.filter(|ended| ended.has_error || !*only_errors);
                events.extend(ended.map(|ended| Event::Trace(ended.trace)));
                problems
            }
        };
        events.extend(problems.into_iter().map(Event::Problem));
        events
    }
}
