use crate::search::{ContainerLines, LineText};
use log_files::LineSplitter;

/// Divides the text of a file into lines while the file grows.
pub(super) enum FileLines {
    /// Nothing was read yet. The text begins at this offset.
    Unknown(u64),
    Plain(LineSplitter),
    Container(Box<ContainerLines>),
}

impl FileLines {
    /// Calls a function with each line that ends in the next text.
    pub(super) fn push(&mut self, text: &[u8], mut visit: impl FnMut(&LineText<'_>)) {
        if let Self::Unknown(offset) = *self {
            *self = match ContainerLines::detect(text, offset) {
                Some(lines) => Self::Container(Box::new(lines)),
                None => Self::Plain(LineSplitter::new(offset)),
            };
        }
        match self {
            Self::Container(lines) => lines.push(text, visit),
            Self::Plain(splitter) => {
                for line in splitter.push(text) {
                    // Of a line that is given in parts, only the first one can be read.
                    if !line.is_continuation {
                        let mut text = LineText::plain(line.offset, &line.text);
                        text.is_cut = line.is_continued;
                        visit(&text);
                    }
                }
            }
            Self::Unknown(_) => {}
        }
    }
}
