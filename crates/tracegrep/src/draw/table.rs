//! The table of the first traces in an order.

use super::{row::Row, style::Style, table_columns::Columns};
use crate::{
    search::{Top, TraceSummary},
    time_text,
};

/// Draws the table with as much of ids and times as a limit of its width allows.
pub(super) fn rows(top: &Top, limit: Option<usize>) -> Vec<Row> {
    let mut columns = Columns::of(&top.traces);
    let mut rows = rows_with(top, &columns);
    if let Some(limit) = limit {
        while rows.iter().any(|row| row.width() > limit) && columns.shorten(&top.traces) {
            rows = rows_with(top, &columns);
        }
    }
    rows
}

fn rows_with(top: &Top, columns: &Columns) -> Vec<Row> {
    let heading = heading(columns);
    let traces = top.traces.iter().map(|trace| row(trace, columns));
    let left_out = top.of.saturating_sub(top.traces.len());
    let mut note = Row::default();
    note.push(Style::Dim, &format!("{left_out} more"));
    let note = (left_out > 0).then_some(note);
    std::iter::once(heading).chain(traces).chain(note).collect()
}

fn heading(columns: &Columns) -> Row {
    let mut row = Row::default();
    row.push(Style::Dim, "trace");
    row.pad(columns.start_from());
    row.push(Style::Dim, columns.heading_of_start());
    row.push_right(Style::Dim, "duration", columns.duration_to());
    row.push_right(Style::Dim, "lines", columns.lines_to());
    row.push_right(Style::Dim, "errors", columns.errors_to());
    row.push(Style::Dim, "  what");
    row
}

fn row(trace: &TraceSummary, columns: &Columns) -> Row {
    let mut row = Row::default();
    row.push(Style::Bold, &columns.id(trace));
    let start = columns.start(trace);
    row.push_right(
        Style::Plain,
        start.as_deref().unwrap_or("-"),
        columns.start_to(),
    );
    let duration = trace.duration.map(time_text::short);
    let duration = duration.as_deref().unwrap_or("-");
    row.push_right(Style::Plain, duration, columns.duration_to());
    row.push_right(Style::Plain, &trace.lines.to_string(), columns.lines_to());
    let style = match trace.errors {
        0 => Style::Dim,
        _ => Style::Error,
    };
    row.push_right(style, &trace.errors.to_string(), columns.errors_to());
    row.push(Style::Plain, "  ");
    if let Some(service) = &trace.service {
        row.push(Style::Service(0), service);
        row.push(Style::Plain, ": ");
    }
    row.push(Style::Plain, trace.text.as_deref().unwrap_or_default());
    row
}
