use crate::content::{
    decoder::{Decoder, End, Step},
    input::Input,
};
use lzma_rust2::{Action, Status, XzStream};
use std::io;

/// The memory for one file, in KiB. `xz -9` needs 65 MiB to decompress.
const MAX_MEMORY_KIB: u32 = 80 << 10;

/// How many compressed bytes are decompressed at once. If they are damaged, the text of all of them is lost, so they are few.
const STEP_BYTES: usize = 64;

pub(in super::super) fn decoder() -> io::Result<Box<dyn Decoder>> {
    let stream = XzStream::new_mem_limit(true, MAX_MEMORY_KIB);
    Ok(Box::new(Xz { stream }))
}

/// Decompresses the streams of an xz file, one after another.
struct Xz {
    stream: XzStream,
}

impl Decoder for Xz {
    fn decode(&mut self, input: &mut Input, output: &mut [u8]) -> io::Result<Step> {
        loop {
            let bytes = input.peek()?;
            let bytes = &bytes[..bytes.len().min(STEP_BYTES)];
            let is_at_end = bytes.is_empty();
            let action = if is_at_end {
                Action::Finish
            } else {
                Action::Run
            };
            let (read, written) = (self.stream.total_in(), self.stream.total_out());
            let result = self.stream.process(bytes, output, action);
            // These count the bytes of a failed step too.
            let read = usize::try_from(self.stream.total_in() - read).unwrap_or(usize::MAX);
            let written = usize::try_from(self.stream.total_out() - written).unwrap_or(usize::MAX);
            input.consume(read);
            let end = match result {
                Ok(result) if result.status == Status::StreamEnd => End::Complete,
                Ok(_) if written > 0 => return Ok(Step::wrote(written)),
                Ok(_) if read > 0 => continue,
                Ok(_) if !is_at_end => End::damaged(input, "the data is not valid LZMA2 data"),
                Ok(_) => End::truncated(input),
                Err(_) if is_at_end => End::truncated(input),
                Err(error) => End::damaged(input, &error.to_string()),
            };
            return Ok(Step::last(written, end));
        }
    }
}
