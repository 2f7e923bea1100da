use super::{
    decoder::{Decoder, End, Step},
    decoders::decoder,
    input::Input,
};
use crate::lines::MAX_LINE_BYTES;
use crate::names::Compression;
use std::{collections::VecDeque, fs::File, io, sync::Arc};

/// How much is decompressed at once while text is skipped.
const SKIP_BYTES: usize = 64 << 10;

/// The text of a compressed file.
pub(super) struct Stream {
    pub(super) compression: Compression,
    file: Arc<File>,
    decoder: Box<dyn Decoder>,
    input: Input,
    /// How many bytes of text have been decompressed.
    position: u64,
    /// The end of that text, so that a reader can go back to the beginning of a line without decompressing the file again.
    recent: VecDeque<u8>,
    /// How much text is kept.
    kept_bytes: usize,
    is_at_end: bool,
    /// The length of the text and why it ends there, once its end has been found.
    found: Option<(u64, End)>,
    /// The file could not be read in the middle of a step, so the decoder may have lost bytes.
    is_broken: bool,
}

impl Stream {
    pub(super) fn new(file: Arc<File>, compression: Compression) -> io::Result<Self> {
        Ok(Self {
            compression,
            decoder: decoder(compression)?,
            input: Input::new(Arc::clone(&file)),
            file,
            position: 0,
            recent: VecDeque::new(),
            kept_bytes: SKIP_BYTES,
            is_at_end: false,
            found: None,
            is_broken: false,
        })
    }

    /// The length of the text, once its end has been found.
    pub(super) fn length(&self) -> Option<u64> {
        self.found.as_ref().map(|(length, _)| *length)
    }

    pub(super) fn damage(&self) -> Option<&str> {
        match &self.found {
            Some((_, End::Damaged(message))) => Some(message),
            Some((_, End::Complete)) | None => None,
        }
    }

    /// Reads text from an offset on until the buffer is full or the text ends.
    pub(super) fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_broken || offset < self.position - self.recent.len() as u64 {
            self.restart()?;
        }
        self.kept_bytes = self.kept_bytes.max(buffer.len()).min(MAX_LINE_BYTES);
        self.skip_to(offset)?;
        let mut length = self.copy_recent(offset, buffer);
        while length < buffer.len() && !self.is_at_end {
            length += self.step(&mut buffer[length..])?;
        }
        Ok(length)
    }

    fn restart(&mut self) -> io::Result<()> {
        let again = Self::new(Arc::clone(&self.file), self.compression)?;
        let found = self.found.take();
        *self = Self { found, ..again };
        Ok(())
    }

    fn skip_to(&mut self, offset: u64) -> io::Result<()> {
        if offset <= self.position {
            return Ok(());
        }
        let mut skipped = vec![0; SKIP_BYTES];
        while !self.is_at_end && self.position < offset {
            let most = usize::try_from(offset - self.position).unwrap_or(usize::MAX);
            self.step(&mut skipped[..most.min(SKIP_BYTES)])?;
        }
        Ok(())
    }

    /// Copies text that was decompressed before.
    fn copy_recent(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let back = usize::try_from(self.position.saturating_sub(offset)).unwrap_or(usize::MAX);
        let start = self.recent.len() - back.min(self.recent.len());
        let length = buffer.len().min(self.recent.len() - start);
        let (first, second) = self.recent.as_slices();
        let from_first = first.get(start..).unwrap_or_default();
        let from_first = &from_first[..from_first.len().min(length)];
        buffer[..from_first.len()].copy_from_slice(from_first);
        let start = start.saturating_sub(first.len());
        let rest = length - from_first.len();
        buffer[from_first.len()..length].copy_from_slice(&second[start..start + rest]);
        length
    }

    /// Decompresses the next text into a buffer.
    fn step(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_broken = true;
        let Step { written, end } = self.decoder.decode(&mut self.input, buffer)?;
        self.is_broken = false;
        self.position += written as u64;
        if let Some(end) = end {
            self.is_at_end = true;
            self.found = Some((self.position, end));
        }
        self.remember(&buffer[..written]);
        Ok(written)
    }

    /// Keeps the end of the text.
    fn remember(&mut self, text: &[u8]) {
        let text = &text[text.len().saturating_sub(self.kept_bytes)..];
        let excess = (self.recent.len() + text.len()).saturating_sub(self.kept_bytes);
        self.recent.drain(..excess);
        self.recent.reserve_exact(text.len());
        self.recent.extend(text);
    }
}
