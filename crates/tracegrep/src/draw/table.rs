//! The table of the first traces in an order.

use super::{row::Row, style::Style};
use crate::{
    search::{Top, TraceSummary},
    time_text,
};

/// Where the columns of times and numbers end. The first column is an id of 32 digits.
const START_END: usize = 54;
const DURATION_END: usize = 64;
const LINES_END: usize = 71;
const ERRORS_END: usize = 79;

pub(super) fn rows(top: &Top) -> Vec<Row> {
    let heading = heading();
    let traces = top.traces.iter().map(row);
    let left_out = top.of.saturating_sub(top.traces.len());
    let mut note = Row::default();
    note.push(Style::Dim, &format!("{left_out} more"));
    let note = (left_out > 0).then_some(note);
    std::iter::once(heading).chain(traces).chain(note).collect()
}

fn heading() -> Row {
    let mut row = Row::default();
    row.push(Style::Dim, "trace");
    row.pad(34);
    row.push(Style::Dim, "start");
    row.push_right(Style::Dim, "duration", DURATION_END);
    row.push_right(Style::Dim, "lines", LINES_END);
    row.push_right(Style::Dim, "errors", ERRORS_END);
    row.push(Style::Dim, "  what");
    row
}

fn row(trace: &TraceSummary) -> Row {
    let mut row = Row::default();
    row.push(Style::Bold, &trace.id.to_string());
    let start = trace.start.map(|start| time_text::rfc3339(start, 0));
    row.push_right(Style::Plain, start.as_deref().unwrap_or("-"), START_END);
    let duration = trace.duration.map(time_text::short);
    row.push_right(
        Style::Plain,
        duration.as_deref().unwrap_or("-"),
        DURATION_END,
    );
    row.push_right(Style::Plain, &trace.lines.to_string(), LINES_END);
    let style = match trace.errors {
        0 => Style::Dim,
        _ => Style::Error,
    };
    row.push_right(style, &trace.errors.to_string(), ERRORS_END);
    row.push(Style::Plain, "  ");
    if let Some(service) = &trace.service {
        row.push(Style::Service(0), service);
        row.push(Style::Plain, ": ");
    }
    row.push(Style::Plain, trace.text.as_deref().unwrap_or_default());
    row
}
