use super::{
    bar::bar,
    facts::Facts,
    line_content::is_drawn,
    line_rows::{line_rows, push_fields},
    logger_fields::is_of_the_logger,
    row::Row,
    services::Services,
    style::Style,
    table,
    walk::walk,
    width::wrapped,
};
use crate::{
    search::Top,
    time_text,
    tree::{Item, Span, Timing, Tree},
};
use std::{ops::Range, time::Duration};

/// The duration of a span is aligned to the right in this many columns.
const DURATION_COLUMNS: usize = 10;

/// A drawing is at least this wide.
const MIN_WIDTH: usize = 40;

/// Draws a tree as text: a row for each span, with its duration and a bar on a common axis of time, and below it its lines.
///
/// Text of a log cannot control the terminal: its control characters are written as escapes.
#[derive(Clone, Copy, Debug)]
#[must_use = "a drawing is made by `draw`"]
pub struct Drawing {
    width: usize,
    is_wide: bool,
    has_colors: bool,
}

impl Default for Drawing {
    fn default() -> Self {
        Self::new()
    }
}

impl Drawing {
    /// A drawing of 100 columns, without colors.
    pub fn new() -> Self {
        Self {
            width: 100,
            is_wide: false,
            has_colors: false,
        }
    }

    /// Sets how many columns a drawing has. Longer rows are cut.
    pub fn with_width(mut self, columns: usize) -> Self {
        self.width = columns.max(MIN_WIDTH);
        self
    }

    /// Sets whether lines and stack traces are shown whole, however long they are.
    pub fn with_whole_lines(mut self, enabled: bool) -> Self {
        self.is_wide = enabled;
        self
    }

    /// Sets whether to use the colors of a terminal.
    pub fn with_colors(mut self, enabled: bool) -> Self {
        self.has_colors = enabled;
        self
    }

    /// Draws a tree.
    #[must_use]
    pub fn draw(self, tree: &Tree<'_>) -> String {
        let facts = Facts::of(tree);
        let (axis, services) = (facts.axis.as_ref(), &facts.services);
        let mut out = String::new();
        for row in heading(tree, &facts) {
            self.write(row, &mut out);
        }
        out.push('\n');
        walk(tree, |step| match step.item {
            Item::Span(index) => {
                if let Some(span) = tree.span(index) {
                    let row = self.span_row(span, &step.guides, axis, services);
                    row.write(self.has_colors, &mut out);
                }
            }
            Item::Line(index) => {
                let Some(line) = tree.line(index).filter(|line| is_drawn(line)) else {
                    return;
                };
                let around = step.around.and_then(|span| tree.span(span));
                for row in line_rows(line, around, services, &step.guides, axis, self.limit()) {
                    self.write(row, &mut out);
                }
            }
        });
        let notes = tree.notes();
        if !notes.is_empty() {
            out.push('\n');
        }
        for note in &notes {
            for text in wrapped(note, self.width) {
                let mut row = Row::default();
                row.push(Style::Dim, &text);
                row.write(self.has_colors, &mut out);
            }
        }
        out
    }

    /// Draws a table of traces. If it is wider than the drawing, ids are shortened to prefixes, and times to the time of day.
    #[must_use]
    pub fn draw_top(self, top: &Top) -> String {
        let mut out = String::new();
        for row in table::rows(top, self.limit()) {
            self.write(row, &mut out);
        }
        out
    }

    fn write(self, mut row: Row, out: &mut String) {
        if let Some(most) = self.limit() {
            row.cut(most);
        }
        row.write(self.has_colors, out);
    }

    /// How wide a row may be.
    fn limit(self) -> Option<usize> {
        (!self.is_wide).then_some(self.width)
    }

    fn span_row(
        self,
        span: &Span,
        guides: &str,
        axis: Option<&Range<i64>>,
        services: &Services<'_>,
    ) -> Row {
        let bar_columns = (self.width / 4).clamp(10, 40);
        let left_columns = self.width - bar_columns - DURATION_COLUMNS - 3;
        let service = span.service().map(|service| services.style(service));
        let mut left = Row::default();
        left.push(Style::Dim, guides);
        push_name(span, service, self.is_wide, &mut left);
        left.cut(left_columns);
        left.pad(left_columns);
        let Some((start, end)) = span.drawn() else {
            return left;
        };
        let mark = if span.timing() == Timing::Lines {
            "~"
        } else {
            ""
        };
        let duration = time_text::short(time_text::between(start, end));
        let end_of_duration = left_columns + DURATION_COLUMNS;
        left.push_right(Style::Bold, &format!("{mark}{duration}"), end_of_duration);
        if let Some(axis) = axis {
            let block = if span.timing() == Timing::Lines {
                "▒"
            } else {
                "█"
            };
            left.push(Style::Dim, " ▕");
            let style = match span.has_error() {
                true => Style::Error,
                false => service.unwrap_or(Style::Plain),
            };
            left.push(style, &bar(axis, start, end, bar_columns, block));
            left.push(Style::Dim, "▏");
        }
        left
    }
}

fn push_name(span: &Span, service: Option<Style>, is_wide: bool, row: &mut Row) {
    if span.timing() == Timing::Missing {
        let text = format!("missing parent {}: no line belongs to it", span.id());
        row.push(Style::Warning, &text);
        return;
    }
    if span.has_error() {
        row.push(Style::Error, "✗ ");
    }
    match span.name() {
        Some(name) => row.push(Style::Bold, name),
        None => row.push(Style::Bold, &format!("span {}", span.id())),
    }
    if let (Some(name), Some(style)) = (span.service(), service) {
        row.push(style, &format!(" {name}"));
    }
    if span.shift() != 0 {
        let by = Duration::from_nanos(span.shift().unsigned_abs());
        let sign = if span.shift() > 0 { '+' } else { '-' };
        let text = format!(" ⇄{sign}{}", time_text::short(by));
        row.push(Style::Warning, &text);
    }
    if span.is_unclosed() {
        row.push(Style::Dim, " (not closed)");
    }
    let fields = span.fields().iter();
    let fields =
        fields.filter(|(name, value)| is_wide || !is_of_the_logger(name, value, span.service()));
    push_fields(fields, row);
}

/// Says which trace it is, when it was, and how much there is of it.
fn heading(tree: &Tree<'_>, facts: &Facts<'_>) -> [Row; 2] {
    let mut id = Row::default();
    id.push(Style::Dim, "trace ");
    id.push(Style::Bold, &tree.trace().id().to_string());
    let mut row = Row::default();
    if let Some(axis) = &facts.axis {
        let duration = time_text::between(axis.start, axis.end);
        for fact in [
            time_text::rfc3339(axis.start, 3),
            time_text::short(duration),
        ] {
            row.push(Style::Dim, &fact);
            row.push(Style::Dim, " · ");
        }
    }
    if facts.errors > 0 {
        row.push(Style::Error, &counted(facts.errors, "error"));
        row.push(Style::Dim, " · ");
    }
    let counts = [
        counted(facts.spans, "span"),
        counted(facts.lines, "line"),
        counted(facts.services.count(), "service"),
    ];
    row.push(Style::Dim, &counts.join(" · "));
    [id, row]
}

fn counted(count: usize, name: &str) -> String {
    match count {
        1 => format!("1 {name}"),
        count => format!("{count} {name}s"),
    }
}
