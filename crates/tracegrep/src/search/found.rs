use super::Problem;
use crate::{id::TraceId, time_text, trace::Trace};
use std::{collections::HashSet, fmt, path::Path};

/// What a search has found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Found {
    /// The trace, if there is one.
    pub outcome: Outcome,
    /// Why lines may be missing.
    pub problems: Vec<Problem>,
    /// How many files and other inputs were searched.
    pub inputs: usize,
    /// How many of these were searched to their end.
    pub complete: usize,
    /// How many lines with the id were left out, because they are not in the period that is searched.
    pub lines_outside_period: usize,
}

/// Returns how many of the inputs were read to their end, given the problems of those that were not.
pub(super) fn count_complete<'p>(
    inputs: usize,
    problems: impl IntoIterator<Item = &'p Problem>,
) -> usize {
    let paths = problems.into_iter().map(Problem::path);
    let failed: HashSet<&Path> = paths.collect();
    inputs.saturating_sub(failed.len())
}

/// The traces that a search has found.
#[derive(Debug)]
pub enum Outcome {
    /// No line has the id.
    Nothing,
    /// One trace.
    Trace(Trace),
    /// Several traces have ids that begin with the prefix, or lines with the fields. The ones with the most lines come first.
    Several(Vec<Candidate>),
}

/// A trace with an id that begins with the prefix, or with a line that has the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// The id.
    pub id: TraceId,
    /// How many lines have it, or the fields.
    pub lines: usize,
    /// The time of the first of them, in nanoseconds since 1970.
    pub time: Option<i64>,
}

impl Candidate {
    pub(super) fn new(id: TraceId) -> Self {
        Self {
            id,
            lines: 0,
            time: None,
        }
    }

    /// Counts lines, the first of them at this time.
    pub(super) fn add(&mut self, lines: usize, time: Option<i64>) {
        self.lines += lines;
        self.time = [self.time, time].into_iter().flatten().min();
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.lines == 1 { "" } else { "s" };
        write!(f, "{}  {} line{plural}", self.id, self.lines)?;
        if let Some(time) = self.time {
            write!(f, "  {}", time_text::rfc3339(time, 3))?;
        }
        Ok(())
    }
}
