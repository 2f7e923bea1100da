//! Constant text that is appended to many lines.

use std::ops::Deref;

/// Text with a copy that is padded with zeros, if it fits into `N` bytes. Copying a fixed length takes a few instructions; copying a
/// variable length is a function call.
#[derive(Debug)]
pub(crate) struct Padded<const N: usize> {
    text: Box<[u8]>,
    padded: Option<[u8; N]>,
}

impl<const N: usize> Padded<N> {
    pub(crate) fn new(text: impl Into<Box<[u8]>>) -> Self {
        let text = text.into();
        let padded = (text.len() <= N).then(|| {
            let mut padded = [0; N];
            padded[..text.len()].copy_from_slice(&text);
            padded
        });
        Self { text, padded }
    }

    /// Appends the text.
    #[inline]
    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        self.push_first(out, self.text.len());
    }

    /// Appends the text without its last byte.
    #[inline]
    pub(crate) fn push_without_last(&self, out: &mut Vec<u8>) {
        self.push_first(out, self.text.len().saturating_sub(1));
    }

    #[inline]
    fn push_first(&self, out: &mut Vec<u8>, length: usize) {
        let end = out.len() + length;
        match &self.padded {
            Some(padded) => out.extend_from_slice(padded),
            None => out.extend_from_slice(&self.text),
        }
        out.truncate(end);
    }
}

impl<const N: usize> Deref for Padded<N> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.text
    }
}
