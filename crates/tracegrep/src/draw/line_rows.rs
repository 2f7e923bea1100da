//! The rows of a line.

use super::{
    logger_fields::is_of_the_logger,
    request::Request,
    row::Row,
    services::{Services, service_of_its_own},
    style::Style,
    width::{beginning, width},
};
use crate::{
    record::{ErrorDetails, Level},
    time_text,
    trace::Line,
    tree::Span,
};
use serde_json::Value;
use std::ops::Range;

/// Of a stack trace, only this many rows are shown, unless the drawing is wide.
const MAX_ROWS: usize = 8;

/// No more columns of the name of a service are shown on a line.
const MAX_SERVICE_COLUMNS: usize = 24;

/// A time is aligned to the right in at least this many columns.
const MIN_TIME_COLUMNS: usize = 9;

/// Returns the rows of a line of a span. Its time is counted from the start of the axis. Rows are as wide as they are if there is no limit. The service is
/// shown if it is not that of the span.
///
/// Fields that the span itself has are left out, because its row has them, and so are those about the logger. They are there if there is no
/// limit, since the row may be cut.
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
    let of_span = span.map(Span::fields).unwrap_or_default();
    let request = match record.message {
        Some(_) => None,
        None => Request::of(record),
    };
    let mut fields: Vec<_> = record.fields.iter().collect();
    fields.retain(|field| {
        let (name, value) = field;
        let is_about_request = !is_of_the_logger(name, value, record.service.as_deref());
        let is_in_text = request.as_ref().is_some_and(|request| request.has(name));
        !is_in_text && (limit.is_none() || (is_about_request && !of_span.contains(field)))
    });
    match (&record.message, &request) {
        (Some(message), _) => first.push(message_style, message),
        (None, Some(request)) => first.push(message_style, &request.text),
        (None, None) => {
            let text = line.text();
            // Fields say all that an object says.
            if fields.is_empty() || !text.starts_with(b"{") {
                first.push(message_style, &String::from_utf8_lossy(&text));
                fields.clear();
            }
        }
    }
    if let Some(error) = &record.error {
        push_error(error, record.message.as_deref(), &mut first);
    }
    push_fields(fields, &mut first);
    if let Some(duration) = record.duration.filter(|_| request.is_none()) {
        first.push(Style::Dim, " duration=");
        first.push(Style::Plain, &time_text::short(duration));
    }
    if line.is_cut {
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

/// Writes how long after the start a time is. Only a line of another trace can be before it.
fn passed(start: i64, time: i64) -> String {
    let (sign, passed) = match time < start {
        true => ('-', time_text::between(time, start)),
        false => ('+', time_text::between(start, time)),
    };
    format!("{sign}{}", time_text::offset(passed))
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
        match value {
            Value::String(text) => row.push(Style::Plain, text),
            other => row.push(Style::Plain, &other.to_string()),
        }
    }
}

fn push_error(error: &ErrorDetails, message: Option<&str>, row: &mut Row) {
    if let Some(kind) = &error.kind {
        row.push(Style::Error, &format!(" {kind}"));
    }
    let text = error.message.as_deref();
    if let Some(text) = text.filter(|text| Some(*text) != message) {
        let before = if error.kind.is_some() {
            ": "
        } else {
            " error="
        };
        row.push(Style::Error, &format!("{before}{text}"));
    }
    for cause in &error.causes {
        row.push(Style::Error, &format!(", caused by: {cause}"));
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
