use std::ops::Deref;

/// A text to which bytes of files are appended. The memory is initialised when it is allocated, and not again each time it is used.
#[derive(Debug, Default)]
pub(crate) struct TextBuffer {
    /// The text, and bytes of earlier texts after it.
    bytes: Vec<u8>,
    length: usize,
}

impl TextBuffer {
    /// Removes everything, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.length = 0;
    }

    /// Removes everything after the first `length` bytes.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    pub(crate) fn extend_from_slice(&mut self, text: &[u8]) {
        self.memory(text.len()).copy_from_slice(text);
        self.length += text.len();
    }

    /// Appends what `read` puts at the beginning of some memory. `read` returns the number of these bytes.
    pub(crate) fn append_by<E>(
        &mut self,
        wanted: usize,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let length = read(self.memory(wanted))?.min(wanted);
        self.length += length;
        Ok(length)
    }

    /// Returns this many bytes of memory after the text, with any contents.
    fn memory(&mut self, wanted: usize) -> &mut [u8] {
        let end = self.length + wanted;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        &mut self.bytes[self.length..end]
    }
}

impl Deref for TextBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_nothing_of_an_earlier_one() {
        let mut text = TextBuffer::default();
        text.extend_from_slice(b"a longer text");
        text.truncate(8);
        text.extend_from_slice(b"one");
        assert_eq!(&*text, b"a longerone");
        text.clear();
        assert_eq!(&*text, b"");
        let read = text.append_by(100, |memory| {
            memory[..2].copy_from_slice(b"ab");
            Ok::<usize, ()>(2)
        });
        assert_eq!((read, &*text), (Ok(2), &b"ab"[..]));
        let failed = text.append_by(100, |memory| {
            memory.fill(b'x');
            Err("the disk is gone")
        });
        assert_eq!((failed, &*text), (Err("the disk is gone"), &b"ab"[..]));
    }
}
