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
        match &self.padded {
            Some(padded) => {
                let end = out.len() + self.text.len();
                out.extend_from_slice(padded);
                out.truncate(end);
            }
            None => out.extend_from_slice(&self.text),
        }
    }
}

impl<const N: usize> Deref for Padded<N> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.text
    }
}
