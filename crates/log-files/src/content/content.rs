use super::{
    compression::{Format, HEAD_BYTES, recognize, unsupported},
    gzip,
    input::read_at,
    reserved::reserved_from,
    stream::Stream,
};
use crate::names::Compression;
use std::{fmt, fs::File, io, sync::Arc};

/// The text of an open file, plain or compressed.
///
/// Offsets are those of the text. The file of a plain text may grow, while a compressed file is complete: what is appended to it later is
/// only read when it is opened again.
///
/// **NUL bytes at the end are not text**, up to 256 MiB: the writer of the file has reserved space, and will write the next lines there. NUL
/// bytes that are followed by others are text. [`measure`](Self::measure) finds out again where the text of a plain file ends.
///
/// It reads the file from its own offsets, and changes the position of the file.
///
/// ```
/// use log_files::Content;
/// use std::fs::File;
///
/// # fn main() -> std::io::Result<()> {
/// let mut content = Content::open(File::open("Cargo.toml")?)?;
/// let mut buffer = [0; 9];
/// assert_eq!(content.read_at(0, &mut buffer)?, 9);
/// assert_eq!(&buffer, b"[package]");
/// assert_eq!(content.compression(), None);
/// # Ok(())
/// # }
/// ```
pub struct Content {
    file: Arc<File>,
    stream: Option<Stream>,
    original: Option<(u64, u64)>,
    /// Where the NUL bytes at the end of a plain file begin, if it has some.
    reserved_from: Option<u64>,
}

impl Content {
    /// Recognizes the compression of a file by its first bytes.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or with the kind [`Unsupported`](io::ErrorKind::Unsupported) if it has a compression that this crate
    /// cannot read, or only with another feature, which the message names.
    pub fn open(file: File) -> io::Result<Self> {
        let mut head = [0; HEAD_BYTES];
        let length = read_at(&file, 0, &mut head)?;
        let file = Arc::new(file);
        let (stream, original) = match recognize(&head[..length]) {
            Format::Plain => (None, None),
            Format::Other(format) => return Err(unsupported(format)),
            Format::Compressed(compression) => {
                let stream = Stream::new(Arc::clone(&file), compression)?;
                let original = match compression {
                    Compression::Gzip => gzip::original(&file)?,
                    _ => None,
                };
                (Some(stream), original)
            }
        };
        let mut content = Self {
            file,
            stream,
            original,
            reserved_from: None,
        };
        content.measure()?;
        Ok(content)
    }

    /// Finds out where the text of a plain file ends now. Until this is called again, [`read_at`](Self::read_at) returns nothing that is
    /// written over the NUL bytes at its end, but does return what is appended to a file without such bytes.
    ///
    /// Returns the number of these NUL bytes. All of them are read.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn measure(&mut self) -> io::Result<u64> {
        if self.is_compressed() {
            return Ok(0);
        }
        let length = self.file.metadata()?.len();
        self.reserved_from = reserved_from(&self.file, length)?;
        Ok(self.reserved_from.map_or(0, |from| length - from))
    }

    /// Reads text from an offset on. Returns less than the buffer only if the text ends before.
    ///
    /// A compressed file is decompressed onwards from the last read. It is decompressed from its start again only if the offset is before
    /// what has been decompressed by more than the length of the longest buffer. At least 64 KiB and at most 8 MiB are kept for that. If the
    /// buffer ends with NUL bytes, the file is decompressed on until another byte shows that they are text.
    ///
    /// # Errors
    ///
    /// If the file cannot be read. A damaged archive is not an error: its text ends where it can no longer be decompressed.
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.stream {
            None => {
                let left = self.reserved_from.map(|end| end.saturating_sub(offset));
                let left = left.and_then(|left| usize::try_from(left).ok());
                let length = buffer.len().min(left.unwrap_or(usize::MAX));
                read_at(&self.file, offset, &mut buffer[..length])
            }
            Some(stream) => stream.read_at(offset, buffer),
        }
    }

    /// Continues a compressed file at one of its members, such as a gzip member. The caller knows where the member begins in the file, and at
    /// which offset its text begins. Without this, the file would be decompressed up to there. Has no effect on a plain file.
    ///
    /// # Errors
    ///
    /// Not for a file that could be opened.
    pub fn jump(&mut self, file_offset: u64, text_offset: u64) -> io::Result<()> {
        match &mut self.stream {
            None => Ok(()),
            Some(stream) => stream.jump(file_offset, text_offset),
        }
    }

    /// Returns the compression, or `None` for a plain file.
    #[must_use]
    pub fn compression(&self) -> Option<Compression> {
        self.stream.as_ref().map(|stream| stream.compression)
    }

    /// Whether the file is compressed.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        self.stream.is_some()
    }

    /// Returns the file, for its metadata.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Returns the length of the text, without NUL bytes at its end: that of a plain file as it is now, with the NUL bytes that it had when it
    /// was measured, and that of a compressed file once [`read_at`](Self::read_at) has come to its end.
    ///
    /// # Errors
    ///
    /// If the length of a plain file cannot be determined.
    pub fn length(&self) -> io::Result<Option<u64>> {
        match &self.stream {
            None => {
                let length = self.file.metadata()?.len();
                Ok(Some(length.min(self.reserved_from.unwrap_or(length))))
            }
            Some(stream) => Ok(stream.length()),
        }
    }

    /// Returns what is wrong with an archive, once [`read_at`](Self::read_at) has come to the end of what can be read. The text may then be
    /// incomplete, or its last bytes may be wrong.
    #[must_use]
    pub fn damage(&self) -> Option<&str> {
        self.stream.as_ref().and_then(Stream::damage)
    }

    /// Returns the device and the inode of the file that was compressed. Only gzip files that the `RollingFile` of `tracing-stamp` has
    /// compressed contain them, as the comment `DEVICE:INODE` of their header (RFC 1952, section 2.3.1: `FCOMMENT`).
    #[must_use]
    pub fn original(&self) -> Option<(u64, u64)> {
        self.original
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("file", &self.file)
            .field("compression", &self.compression())
            .finish_non_exhaustive()
    }
}
