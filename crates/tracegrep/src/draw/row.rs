use super::{
    style::Style,
    width::{beginning, width},
};
use crate::printable::printable;

/// A row of the drawing. All text is made safe for a terminal when it is added.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pieces: Vec<(Style, String)>,
    width: usize,
    /// The row will be cut to this width, so that more text need not be added.
    limit: Option<usize>,
}

/// No more characters are kept for each column: accents have none, and a text may have any number of them.
const CHARACTERS_PER_COLUMN: usize = 4;

impl Row {
    /// A row that will be cut to this width.
    pub(super) fn with_limit(limit: Option<usize>) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    pub(super) fn push(&mut self, style: Style, text: &str) {
        let text = match self.limit {
            Some(limit) if self.width > limit => return,
            Some(limit) => {
                let most = (limit + 1) * CHARACTERS_PER_COLUMN;
                let end = text.char_indices().nth(most).map(|(at, _)| at);
                printable(text.get(..end.unwrap_or(text.len())).unwrap_or_default())
            }
            None => printable(text),
        };
        self.width += width(&text);
        self.pieces.push((style, text));
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Cuts the row to this width.
    pub(super) fn cut(&mut self, most: usize) {
        if self.width <= most {
            return;
        }
        let mut room = most.saturating_sub(1);
        let mut kept = Self::default();
        for (style, text) in self.pieces.drain(..) {
            let (beginning, columns) = beginning(&text, room);
            kept.push(style, beginning);
            room -= columns;
            if beginning.len() < text.len() {
                break;
            }
        }
        if most > 0 {
            kept.push(Style::Dim, "…");
        }
        *self = kept;
    }

    /// Fills the row with spaces up to this width.
    pub(super) fn pad(&mut self, width: usize) {
        let missing = width.saturating_sub(self.width);
        self.push(Style::Plain, &" ".repeat(missing));
    }

    /// Adds a text that ends at this width.
    pub(super) fn push_right(&mut self, style: Style, text: &str, end: usize) {
        self.pad(end.saturating_sub(width(text)));
        self.push(style, text);
    }

    /// Adds the row and a newline to a text.
    pub(super) fn write(&self, has_colors: bool, out: &mut String) {
        let last = self
            .pieces
            .iter()
            .rposition(|(_, text)| !text.trim_end().is_empty());
        let pieces = self.pieces.iter().take(last.map_or(0, |last| last + 1));
        for (index, (style, text)) in pieces.enumerate() {
            let text = if Some(index) == last {
                text.trim_end()
            } else {
                text
            };
            match style.parameter() {
                Some(parameter) if has_colors && !text.is_empty() => {
                    out.extend(["\u{1b}[", parameter, "m", text, "\u{1b}[0m"]);
                }
                _ => out.push_str(text),
            }
        }
        out.push('\n');
    }
}
