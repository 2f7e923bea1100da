use std::ops::Range;

/// The parts of a text whose lines were given to a sink already.
#[derive(Debug, Default)]
pub(in crate::search) struct Given(Vec<Range<u64>>);

impl Given {
    pub(super) fn add(&mut self, part: Range<u64>) {
        self.0.push(part);
    }

    /// Whether the line that begins at this offset was given.
    pub(in crate::search) fn has(&self, offset: u64) -> bool {
        self.0.iter().any(|part| part.contains(&offset))
    }
}
