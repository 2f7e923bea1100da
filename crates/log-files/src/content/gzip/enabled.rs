use super::header::{Fault, Header};
use crate::content::{
    decoder::{Decoder, End, Step},
    input::Input,
};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use std::{fs::File, io, sync::Arc};

pub(in super::super) fn decoder() -> io::Result<Box<dyn Decoder>> {
    Ok(Box::new(Gzip {
        place: Place::Header,
        inflate: Decompress::new(false),
        sum: Crc::new(),
        members: 0,
        has_wrong_sum: false,
    }))
}

/// Returns the device and the inode that the comment of the first header contains.
pub(in super::super) fn original(file: &Arc<File>) -> io::Result<Option<(u64, u64)>> {
    match Header::read(&mut Input::new(Arc::clone(file))) {
        Ok(header) => Ok(header.original()),
        Err(Fault::File(error)) => Err(error),
        Err(Fault::Truncated | Fault::Invalid) => Ok(None),
    }
}

/// Decompresses the members of a gzip file, one after another.
///
/// `flate2` has a reader for this too. It drops the text that it has decompressed in the step in which it finds damage.
struct Gzip {
    place: Place,
    inflate: Decompress,
    sum: Crc,
    /// How many members have been decompressed completely.
    members: u64,
    /// The text of a member does not have the length or the checksum of its trailer.
    has_wrong_sum: bool,
}

/// The part of a member that comes next.
enum Place {
    Header,
    Text,
    Trailer,
}

impl Decoder for Gzip {
    fn decode(&mut self, input: &mut Input, output: &mut [u8]) -> io::Result<Step> {
        loop {
            match self.place {
                Place::Header => {
                    if let Some(end) = self.begin(input)? {
                        return Ok(Step::last(0, end));
                    }
                    self.place = Place::Text;
                }
                Place::Text => {
                    let step = self.inflate(input, output)?;
                    if step.written > 0 || step.end.is_some() {
                        return Ok(step);
                    }
                }
                Place::Trailer => {
                    if let Some(end) = self.check(input)? {
                        return Ok(Step::last(0, end));
                    }
                    self.members += 1;
                    self.place = Place::Header;
                }
            }
        }
    }
}

impl Gzip {
    /// Reads a header. Returns the end of the file if there is none.
    fn begin(&mut self, input: &mut Input) -> io::Result<Option<End>> {
        // Tapes and some file systems fill a file up with zeros, which gzip accepts too.
        while self.members > 0 && input.peek()?.first() == Some(&0) {
            input.consume(1);
        }
        if self.members > 0 && input.peek()?.is_empty() {
            return Ok(Some(End::complete(self.has_wrong_sum)));
        }
        match Header::read(input) {
            Ok(_) => {
                self.inflate.reset(false);
                self.sum = Crc::new();
                Ok(None)
            }
            Err(Fault::File(error)) => Err(error),
            Err(Fault::Truncated) => Ok(Some(End::truncated(input))),
            Err(Fault::Invalid) => Ok(Some(End::damaged(input, "there is no gzip header"))),
        }
    }

    /// Decompresses text. Writes nothing if the text of the member ends, or if it needs more input.
    fn inflate(&mut self, input: &mut Input, output: &mut [u8]) -> io::Result<Step> {
        let bytes = input.peek()?;
        let is_at_end = bytes.is_empty();
        let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self
            .inflate
            .decompress(bytes, output, FlushDecompress::None);
        // These count the bytes of a failed step too.
        let read = length(self.inflate.total_in() - read);
        let written = length(self.inflate.total_out() - written);
        input.consume(read);
        self.sum.update(&output[..written]);
        match status {
            Ok(Status::StreamEnd) => self.place = Place::Trailer,
            Ok(_) if read > 0 || written > 0 => {}
            Ok(_) if is_at_end => return Ok(Step::last(0, End::truncated(input))),
            Ok(_) | Err(_) => {
                let end = End::damaged(input, "the data is not valid deflate data");
                return Ok(Step::last(written, end));
            }
        }
        Ok(Step::wrote(written))
    }

    /// Reads a trailer and compares the text with it. Returns the end if the file ends within the trailer.
    fn check(&mut self, input: &mut Input) -> io::Result<Option<End>> {
        let mut trailer = [0; 8];
        for byte in &mut trailer {
            match input.next_byte()? {
                Some(next) => *byte = next,
                None => return Ok(Some(End::truncated(input))),
            }
        }
        let expected = u64::from(self.sum.sum()) | u64::from(self.sum.amount()) << 32;
        self.has_wrong_sum |= u64::from_le_bytes(trailer) != expected;
        Ok(None)
    }
}

/// A number of bytes of one buffer.
fn length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
