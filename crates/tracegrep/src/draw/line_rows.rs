//! The rows of a line.

use super::{
    line_content::{LineContent, field_text},
    passed::passed,
    row::Row,
    services::{Services, service_of_its_own},
    style::Style,
    width::{beginning, width},
};
use crate::{record::Level, time_text, trace::Line, tree::Span};
use serde_json::Value;
use std::ops::Range;

/// Of a stack trace, only this many rows are shown, unless the drawing is wide.
const MAX_ROWS: usize = 8;

/// No more columns of the name of a service are shown on a line.
const MAX_SERVICE_COLUMNS: usize = 24;

/// A time is aligned to the right in at least this many columns.
const MIN_TIME_COLUMNS: usize = 9;

/// Returns the rows of a line of a span. Its time is counted from the start of the axis. Without a limit, rows have any width and show all
/// fields. The service is shown if it is not that of the span.
pub(super) fn line_rows(
    line: &Line,
    span: Option<&Span>,
    services: &Services<'_>,
    guides: &str,
    axis: Option<&Range<i64>>,
    limit: Option<usize>,
) -> Vec<Row> {
    let record = &line.record;
    let shift = span.map_or(0, Span::shift);
    let time = record.time.map(|time| time.saturating_add(shift));
    let mut first = Row::with_limit(limit);
    first.push(Style::Dim, guides);
    let passed_at = |time| axis.map(|axis| passed(axis.start, time));
    let last = axis.and_then(|axis| passed_at(axis.end));
    let time_columns = width(&last.unwrap_or_default()).max(MIN_TIME_COLUMNS);
    let passed = time.and_then(passed_at).unwrap_or_default();
    let columns = width(guides) + time_columns;
    first.push_right(Style::Dim, &passed, columns);
    first.push(Style::Plain, " ");
    let (name, style) = level(record.level);
    first.push(style, name);
    first.push(Style::Plain, " ");
    if let Some(service) = service_of_its_own(line, span) {
        let (shown, _) = match limit {
            Some(_) => beginning(service, MAX_SERVICE_COLUMNS),
            None => (service, 0),
        };
        first.push(services.style(service), &format!("[{shown}] "));
    }
    let message_style = match style {
        Style::Dim => Style::Dim,
        _ => Style::Plain,
    };
    let content = LineContent::of(line, span, limit.is_none());
    first.push(message_style, &content.text);
    if !content.error.is_empty() {
        first.push(Style::Error, &content.error);
    }
    push_fields(content.fields, &mut first);
    if let Some(duration) = content.duration {
        first.push(Style::Dim, " duration=");
        first.push(Style::Plain, &time_text::short(duration));
    }
    if line.is_cut() {
        first.push(Style::Warning, " [cut]");
    }
    if line.is_mention {
        first.push(Style::Warning, " [of another trace]");
    }
    let mut rows = vec![first];
    let below = rows_below(line);
    let shown = match limit {
        None => below.len(),
        Some(_) => MAX_ROWS.min(below.len()),
    };
    let indent = " ".repeat(time_columns + 7);
    let mut push = |text: &str| {
        let mut row = Row::with_limit(limit);
        row.push(Style::Dim, guides);
        row.push(Style::Dim, &indent);
        row.push(Style::Dim, text);
        rows.push(row);
    };
    below.iter().take(shown).for_each(|text| push(text));
    if shown < below.len() {
        push(&format!(
            "… {} more, shown with --wide",
            below.len() - shown
        ));
    }
    rows
}

fn level(level: Option<Level>) -> (&'static str, Style) {
    match level {
        None => ("     ", Style::Plain),
        Some(Level::Trace) => ("TRACE", Style::Dim),
        Some(Level::Debug) => ("DEBUG", Style::Dim),
        Some(Level::Info) => ("INFO ", Style::Plain),
        Some(Level::Warn) => ("WARN ", Style::Warning),
        Some(Level::Error) => ("ERROR", Style::Error),
        Some(Level::Fatal) => ("FATAL", Style::Error),
    }
}

pub(super) fn push_fields<'f>(
    fields: impl IntoIterator<Item = &'f (String, Value)>,
    row: &mut Row,
) {
    for (name, value) in fields {
        row.push(Style::Dim, &format!(" {name}="));
        row.push(Style::Plain, &field_text(value));
    }
}

/// The stack trace, and the lines that follow.
fn rows_below(line: &Line) -> Vec<String> {
    let stack = line
        .record
        .error
        .as_ref()
        .and_then(|error| error.stack.as_deref());
    let stack = stack.unwrap_or_default().lines().map(str::to_owned);
    let following = line.following_texts();
    let following = following.map(|text| String::from_utf8_lossy(&text).into_owned());
    // A tab would be shown as an escape.
    stack
        .chain(following)
        .map(|text| text.replace('\t', "    "))
        .collect()
}
