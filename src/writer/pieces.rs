use std::mem;
use tracing_core::Level;

/// What takes whole lines.
pub(super) trait Accept {
    fn accept(&self, level: Level, line: &[u8]);
}

/// The pieces of one line, which is handed over whole.
#[derive(Debug)]
pub(super) struct Pieces<'a, A: Accept> {
    to: &'a A,
    level: Level,
    pieces: Vec<u8>,
}

impl<'a, A: Accept> Pieces<'a, A> {
    #[inline]
    pub(super) fn new(to: &'a A, level: Level) -> Self {
        Self {
            to,
            level,
            pieces: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let is_whole = bytes.last() == Some(&b'\n');
        if is_whole && self.pieces.is_empty() {
            self.to.accept(self.level, bytes);
        } else {
            self.pieces.extend_from_slice(bytes);
            if is_whole {
                self.to.accept(self.level, &mem::take(&mut self.pieces));
            }
        }
    }
}

impl<A: Accept> Drop for Pieces<'_, A> {
    #[inline]
    fn drop(&mut self) {
        if !self.pieces.is_empty() {
            self.pieces.push(b'\n');
            self.to.accept(self.level, &self.pieces);
        }
    }
}
