use super::{
    decoder::{Decoder, End, Step},
    decoders::decoder,
    input::Input,
    reserved::MAX_RESERVED,
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
    /// The end of the last byte other than NUL that was found, also before a restart.
    nuls_from: u64,
    /// The end of that text, so that a reader can go back to the beginning of a line without decompressing the file again.
    recent: VecDeque<u8>,
    /// How much text is kept.
    kept_bytes: usize,
    is_at_end: bool,
    /// The length of the text, without NUL bytes at its end, and why it ends there, once its end has been found.
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
            nuls_from: 0,
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

    /// Reads text from an offset on until the buffer is full or the text ends. NUL bytes at its end are not text.
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
        if self.found.is_none() && length > 0 && buffer.get(length - 1) == Some(&0) {
            self.look_for_text_after(offset + length as u64)?;
        }
        let left = self.length().map(|end| end.saturating_sub(offset));
        let left = left.and_then(|left| usize::try_from(left).ok());
        Ok(length.min(left.unwrap_or(length)))
    }

    /// Continues at a member of the file, and at its offset in the text.
    pub(super) fn jump(&mut self, file_offset: u64, text_offset: u64) -> io::Result<()> {
        let again = Self::new(Arc::clone(&self.file), self.compression)?;
        *self = Self {
            input: Input::at(Arc::clone(&self.file), file_offset),
            position: text_offset,
            nuls_from: text_offset,
            ..again
        };
        Ok(())
    }

    /// Decompresses on until there is a byte other than NUL, or the text ends.
    fn look_for_text_after(&mut self, offset: u64) -> io::Result<()> {
        let mut skipped = vec![0; SKIP_BYTES];
        while !self.is_at_end
            && self.nuls_from <= offset
            && self.position.saturating_sub(offset) < MAX_RESERVED
        {
            self.step(&mut skipped)?;
        }
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        let again = Self::new(Arc::clone(&self.file), self.compression)?;
        let (found, nuls_from) = (self.found.take(), self.nuls_from);
        *self = Self {
            found,
            nuls_from,
            ..again
        };
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
        let text = buffer[..written].iter().rposition(|byte| *byte != 0);
        if let Some(last) = text {
            let end = self.position + last as u64 + 1;
            self.nuls_from = self.nuls_from.max(end);
        }
        self.position += written as u64;
        if let Some(end) = end {
            self.is_at_end = true;
            let reserved = self.position - self.nuls_from;
            let length = match reserved > MAX_RESERVED {
                true => self.position,
                false => self.nuls_from,
            };
            self.found = Some((length, end));
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
