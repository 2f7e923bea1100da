use std::mem;
use tracing_core::Level;

/// Destination of whole lines.
pub(super) trait AcceptLine {
    fn accept(&self, level: Level, line: &[u8]);
}

/// Buffer that gathers the pieces of one line, and hands it over whole.
#[derive(Debug)]
pub(super) struct LineBuffer<'a, A: AcceptLine> {
    target: &'a A,
    level: Level,
    pieces: Vec<u8>,
}

impl<'a, A: AcceptLine> LineBuffer<'a, A> {
    #[inline]
    pub(super) fn new(target: &'a A, level: Level) -> Self {
        Self {
            target,
            level,
            pieces: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let is_whole = bytes.last() == Some(&b'\n');
        if is_whole && self.pieces.is_empty() {
            self.target.accept(self.level, bytes);
        } else {
            self.pieces.extend_from_slice(bytes);
            if is_whole {
                self.target.accept(self.level, &mem::take(&mut self.pieces));
            }
        }
    }
}

impl<A: AcceptLine> Drop for LineBuffer<'_, A> {
    #[inline]
    fn drop(&mut self) {
        if !self.pieces.is_empty() {
            self.pieces.push(b'\n');
            self.target.accept(self.level, &self.pieces);
        }
    }
}
