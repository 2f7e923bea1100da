use super::{
    compression::{Format, HEAD_BYTES, recognize, unsupported},
    decoder::{Decoder, End, Step},
    decoders::decoder,
    input::Input,
};
use crate::names::Compression;
use std::{
    fmt,
    io::{self, Cursor, Read},
};

/// The text of a pipe, plain or compressed. It is read once, from its start to its end.
///
/// ```
/// use log_files::PipeContent;
/// use std::io::Read as _;
///
/// # fn main() -> std::io::Result<()> {
/// let mut content = PipeContent::new(&b"a line\n"[..])?;
/// let mut text = String::new();
/// content.read_to_string(&mut text)?;
/// assert_eq!((&*text, content.compression()), ("a line\n", None));
/// # Ok(())
/// # }
/// ```
pub struct PipeContent(Text);

enum Text {
    Plain(Box<dyn Read + Send>),
    Compressed {
        compression: Compression,
        input: Input,
        decoder: Box<dyn Decoder>,
        end: Option<End>,
    },
}

impl PipeContent {
    /// Reads the first bytes, and recognizes the compression by them.
    ///
    /// # Errors
    ///
    /// If the pipe cannot be read, or with the kind [`Unsupported`](io::ErrorKind::Unsupported) if it has a compression that this crate
    /// cannot read, or only with another feature, which the message names.
    pub fn new(mut reader: impl Read + Send + 'static) -> io::Result<Self> {
        let mut head = Vec::new();
        reader
            .by_ref()
            .take(HEAD_BYTES as u64)
            .read_to_end(&mut head)?;
        let format = recognize(&head);
        let all = Box::new(Cursor::new(head).chain(reader));
        Ok(Self(match format {
            Format::Plain => Text::Plain(all),
            Format::Other(format) => return Err(unsupported(format)),
            Format::Compressed(compression) => Text::Compressed {
                compression,
                input: Input::of_reader(all),
                decoder: decoder(compression)?,
                end: None,
            },
        }))
    }

    /// Returns the compression, or `None` for a plain text.
    #[must_use]
    pub fn compression(&self) -> Option<Compression> {
        match &self.0 {
            Text::Plain(_) => None,
            Text::Compressed { compression, .. } => Some(*compression),
        }
    }

    /// Returns what is wrong with a compressed text, once it has been read to its end. The text may then be incomplete, or its last bytes may
    /// be wrong.
    #[must_use]
    pub fn damage(&self) -> Option<&str> {
        match &self.0 {
            Text::Compressed {
                end: Some(End::Damaged(message)),
                ..
            } => Some(message),
            _ => None,
        }
    }
}

impl Read for PipeContent {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Text::Plain(reader) => reader.read(buffer),
            Text::Compressed { end: Some(_), .. } => Ok(0),
            Text::Compressed { .. } if buffer.is_empty() => Ok(0),
            Text::Compressed {
                input,
                decoder,
                end,
                ..
            } => {
                let step: Step = decoder.decode(input, buffer)?;
                *end = step.end;
                Ok(step.written)
            }
        }
    }
}

impl fmt::Debug for PipeContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeContent")
            .field("compression", &self.compression())
            .finish_non_exhaustive()
    }
}
