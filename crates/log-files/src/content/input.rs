#![cfg_attr(
    not(all(feature = "gzip", feature = "xz", feature = "zstd")),
    allow(dead_code, reason = "each decoder uses a part of this")
)]

use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom},
    sync::Arc,
};

/// How many bytes of a compressed file are read at once.
const BUFFER_BYTES: usize = 32 << 10;

/// The bytes of a compressed file or pipe, from its start on.
///
/// It keeps its own position, so that the position of a file may be changed between two reads.
pub(super) struct Input {
    source: Source,
    buffer: Vec<u8>,
    /// How many bytes of the buffer have been consumed.
    consumed: usize,
    /// The offset in the file after the buffer.
    read: u64,
    /// Why the file could not be read, if the last [`Read::read`] failed.
    failure: Option<io::Error>,
}

enum Source {
    File(Arc<File>),
    Reader {
        reader: Box<dyn Read + Send>,
        /// How many bytes are not wanted.
        skipped: u64,
    },
}

impl Input {
    pub(super) fn new(file: Arc<File>) -> Self {
        Self::at(file, 0)
    }

    /// The bytes from an offset on.
    pub(super) fn at(file: Arc<File>, offset: u64) -> Self {
        Self::of(Source::File(file), offset)
    }

    /// The bytes of a pipe.
    pub(super) fn of_reader(reader: Box<dyn Read + Send>) -> Self {
        let source = Source::Reader { reader, skipped: 0 };
        Self::of(source, 0)
    }

    fn of(source: Source, offset: u64) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            consumed: 0,
            read: offset,
            failure: None,
        }
    }

    /// The offset in the file of the next byte.
    pub(super) fn position(&self) -> u64 {
        self.read - (self.buffer.len() - self.consumed) as u64
    }

    /// Returns the bytes that can be consumed next. Returns none at the end of the file.
    pub(super) fn peek(&mut self) -> io::Result<&[u8]> {
        if self.consumed == self.buffer.len() {
            self.consumed = 0;
            self.buffer.resize(BUFFER_BYTES, 0);
            let length = self.source.read(self.read, &mut self.buffer);
            self.buffer.truncate(*length.as_ref().unwrap_or(&0));
            self.read += length? as u64;
        }
        Ok(&self.buffer[self.consumed..])
    }

    /// Consumes bytes that [`peek`](Self::peek) returned.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.consumed = (self.consumed + bytes).min(self.buffer.len());
    }

    /// Consumes the next byte. Returns `None` at the end of the file.
    pub(super) fn next_byte(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?.first().copied();
        self.consume(1);
        Ok(byte)
    }

    /// Consumes bytes without looking at them. The file may end before that.
    pub(super) fn skip(&mut self, bytes: u64) {
        let buffered = (self.buffer.len() - self.consumed) as u64;
        if bytes <= buffered {
            self.consume(usize::try_from(bytes).unwrap_or(usize::MAX));
        } else {
            self.consume(usize::MAX - self.consumed);
            self.read += bytes - buffered;
            if let Source::Reader { skipped, .. } = &mut self.source {
                *skipped += bytes - buffered;
            }
        }
    }

    /// Returns the error of the file if the last read failed.
    pub(super) fn take_failure(&mut self) -> io::Result<()> {
        self.failure.take().map_or(Ok(()), Err)
    }
}

impl Source {
    /// Reads the next bytes, which are at this offset. Returns 0 only at the end.
    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => read_at(file, offset, buffer),
            Self::Reader { reader, skipped } => {
                let unwanted = &mut reader.by_ref().take(*skipped);
                *skipped -= io::copy(unwanted, &mut io::sink())?;
                loop {
                    match reader.read(buffer) {
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        result => return result,
                    }
                }
            }
        }
    }
}

/// For decoders that read. They wrap errors in their own, so the error of a file is kept for `take_failure`.
impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.peek() {
            Ok(bytes) => {
                let length = bytes.len().min(buffer.len());
                buffer[..length].copy_from_slice(&bytes[..length]);
                self.consume(length);
                Ok(length)
            }
            Err(error) => {
                let kind = error.kind();
                self.failure = Some(error);
                Err(kind.into())
            }
        }
    }
}

/// Reads from an offset of a file until the buffer is full or the file ends.
pub(super) fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut file = file;
    file.seek(SeekFrom::Start(offset))?;
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}
