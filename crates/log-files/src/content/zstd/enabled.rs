use crate::content::{
    decoder::{Decoder, End, Step},
    input::Input,
};
use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};
use std::io::{self, Read as _};

pub(in super::super) fn decoder() -> io::Result<Box<dyn Decoder>> {
    Ok(Box::new(Zstd {
        frame: FrameDecoder::new(),
        is_within_frame: false,
        damage: None,
        has_wrong_sum: false,
    }))
}

/// The last block of a frame, without text, and a checksum (RFC 8878, section 3.1.1.2).
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Decompresses the frames of a zstd file, one after another.
///
/// A frame refers back to its own text by the length of its window, so its decoder keeps that much text until the frame has ended. The
/// decoder accepts windows of up to 128 MiB, as the program `zstd` does. Its default is 2 MiB.
struct Zstd {
    frame: FrameDecoder,
    is_within_frame: bool,
    /// Why nothing can be decompressed from here on.
    damage: Option<End>,
    /// The text of a frame does not have its checksum.
    has_wrong_sum: bool,
}

impl Decoder for Zstd {
    fn decode(&mut self, input: &mut Input, output: &mut [u8]) -> io::Result<Step> {
        loop {
            let written = self.frame.read(output)?;
            if written > 0 {
                return Ok(Step::wrote(written));
            }
            if let Some(end) = &self.damage {
                return Ok(Step::last(0, end.clone()));
            }
            if !self.is_within_frame {
                if let Some(end) = self.begin(input)? {
                    return Ok(Step::last(0, end));
                }
            } else if self.frame.is_finished() {
                self.is_within_frame = false;
                let expected = self.frame.get_checksum_from_data();
                let actual = self.frame.get_calculated_checksum();
                self.has_wrong_sum |= expected.is_some() && expected != actual;
            } else {
                self.decode_block(input)?;
            }
        }
    }
}

impl Zstd {
    /// Reads the header of a frame. Returns the end of the file if there is none.
    fn begin(&mut self, input: &mut Input) -> io::Result<Option<End>> {
        if input.peek()?.is_empty() {
            return Ok(Some(End::complete(self.has_wrong_sum)));
        }
        let result = self.frame.reset(&mut *input);
        input.take_failure()?;
        match result {
            Ok(()) => self.is_within_frame = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => input.skip(length.into()),
            Err(error) => return Ok(Some(end_of(input, &error)?)),
        }
        Ok(None)
    }

    fn decode_block(&mut self, input: &mut Input) -> io::Result<()> {
        let one = BlockDecodingStrategy::UptoBlocks(1);
        let result = self.frame.decode_blocks(&mut *input, one);
        input.take_failure()?;
        if let Err(error) = result {
            self.damage = Some(end_of(input, &error)?);
            // Ends the frame, so that the decoder gives the text of its window. If it cannot, that text is lost.
            let one = BlockDecodingStrategy::UptoBlocks(1);
            let _ = self.frame.decode_blocks(&LAST_BLOCK[..], one);
        }
        Ok(())
    }
}

/// The end of a file at which a decoder failed: a reader fails at the end of the file if it is truncated.
fn end_of(input: &mut Input, error: &FrameDecoderError) -> io::Result<End> {
    Ok(match input.peek()?.is_empty() {
        true => End::truncated(input),
        false => End::damaged(input, &error.to_string()),
    })
}
