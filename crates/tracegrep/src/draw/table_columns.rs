use super::width::width;
use crate::{search::TraceSummary, time_text};
use std::collections::HashSet;

/// The digits of a whole id.
const ALL_DIGITS: usize = 32;
/// An id is shortened to one of these numbers of digits. With fewer, it would not be accepted as a prefix.
const DIGITS: [usize; 2] = [12, 8];
/// What two columns have between them.
const GAP: usize = 2;
/// A time of day, such as `16:00:00Z`, is the end of a time.
const TIME_OF_DAY: usize = 11;
const DATE: usize = 10;

/// The columns of the table of traces. The last one has no end.
pub(super) struct Columns {
    /// How many digits an id has.
    digits: usize,
    /// The day on which all traces began, if rows do not show it.
    day: Option<String>,
    widths: Widths,
}

/// The widths of the columns before the last one.
struct Widths {
    id: usize,
    start: usize,
    duration: usize,
    lines: usize,
    errors: usize,
}

impl Columns {
    /// Columns with whole ids and times.
    pub(super) fn of(traces: &[TraceSummary]) -> Self {
        let widths = Widths {
            id: ALL_DIGITS,
            start: time_text::rfc3339(0, 0).len(),
            duration: 8,
            lines: 5,
            errors: 6,
        };
        let mut columns = Self {
            digits: ALL_DIGITS,
            day: None,
            widths,
        };
        columns.widen(traces);
        columns
    }

    /// Shortens ids and times. Returns `false` if they are as short as possible.
    pub(super) fn shorten(&mut self, traces: &[TraceSummary]) -> bool {
        let mut fewer = DIGITS.into_iter().filter(|digits| *digits < self.digits);
        let Some(digits) = fewer.find(|digits| are_distinct(traces, *digits)) else {
            return false;
        };
        self.digits = digits;
        self.day = day_of_all(traces);
        self.widths.id = "trace".len();
        if self.day.is_some() {
            self.widths.start = DATE;
        }
        self.widen(traces);
        true
    }

    /// Returns the id or its first digits, so that either can be searched for.
    pub(super) fn id(&self, trace: &TraceSummary) -> String {
        let id = trace.id.to_string();
        if self.digits == ALL_DIGITS {
            return id;
        }
        match id.get(..self.digits) {
            // Without the upper half, all ids begin with the same zeros.
            Some(_) if trace.id.is_short() => format!("{:#018x}", trace.id.lower()),
            Some(digits) => format!("{digits}…"),
            None => id,
        }
    }

    pub(super) fn start(&self, trace: &TraceSummary) -> Option<String> {
        let start = time_text::rfc3339(trace.start?, 0);
        Some(match self.day {
            Some(_) => start.get(TIME_OF_DAY..).unwrap_or_default().to_owned(),
            None => start,
        })
    }

    pub(super) fn heading_of_start(&self) -> &str {
        self.day.as_deref().unwrap_or("start")
    }

    pub(super) fn start_from(&self) -> usize {
        self.widths.id + GAP
    }

    pub(super) fn start_to(&self) -> usize {
        self.start_from() + self.widths.start
    }

    pub(super) fn duration_to(&self) -> usize {
        self.start_to() + GAP + self.widths.duration
    }

    pub(super) fn lines_to(&self) -> usize {
        self.duration_to() + GAP + self.widths.lines
    }

    pub(super) fn errors_to(&self) -> usize {
        self.lines_to() + GAP + self.widths.errors
    }

    /// Makes room for all values.
    fn widen(&mut self, traces: &[TraceSummary]) {
        for trace in traces {
            let id = width(&self.id(trace));
            let duration = trace.duration.map(time_text::short);
            let widths = &mut self.widths;
            widths.id = widths.id.max(id);
            widths.duration = widths.duration.max(duration.as_deref().map_or(0, width));
            widths.lines = widths.lines.max(trace.lines.to_string().len());
            widths.errors = widths.errors.max(trace.errors.to_string().len());
        }
    }
}

/// Whether ids have different first digits. Those of X-Ray begin with the time.
fn are_distinct(traces: &[TraceSummary], digits: usize) -> bool {
    let mut known = HashSet::new();
    let whole = traces.iter().filter(|trace| !trace.id.is_short());
    let mut ids = whole.map(|trace| trace.id.to_string());
    ids.all(|mut id| {
        id.truncate(digits);
        known.insert(id)
    })
}

/// The day on which all traces began, in UTC.
fn day_of_all(traces: &[TraceSummary]) -> Option<String> {
    let starts = traces.iter().filter_map(|trace| trace.start);
    let mut days = starts.map(|start| {
        let mut text = time_text::rfc3339(start, 0);
        text.truncate(DATE);
        text
    });
    let first = days.next()?;
    days.all(|day| day == first).then_some(first)
}
