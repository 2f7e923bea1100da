//! The body of a request.

use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;

/// The encoded and compressed lines of a request.
///
/// The buffers are reused for the next request. Allocating or clearing buffers of this size costs more than filling them.
#[derive(Debug, Default)]
pub(super) struct Body {
    compressed: Vec<u8>,
    /// How much of `compressed` belongs to this request. The bytes after it are left over from an earlier one.
    length: usize,
    /// The uncompressed lines.
    plain: Vec<u8>,
    /// The number of lines that were cut to the server's limit.
    pub(super) cut: u64,
}

impl Body {
    /// Returns the bytes to send.
    pub(super) fn bytes(&self) -> &[u8] {
        self.compressed.get(..self.length).unwrap_or_default()
    }

    /// Replaces the contents by what `append` appends, compressed with gzip. The text is compressed as a whole, because each write into an
    /// encoder clears the rest of its buffer.
    pub(super) fn gzip(&mut self, append: impl FnOnce(&mut Vec<u8>)) {
        self.plain.clear();
        append(&mut self.plain);
        self.compressed.clear();
        let mut out = GzEncoder::new(std::mem::take(&mut self.compressed), Compression::fast());
        // Writing to a `Vec` cannot fail.
        let _ = out.write_all(&self.plain);
        self.compressed = out.finish().unwrap_or_default();
        self.length = self.compressed.len();
    }

    /// Replaces the contents by what `append` appends, compressed in snappy's block format.
    pub(super) fn snappy(&mut self, append: impl FnOnce(&mut Vec<u8>)) {
        self.plain.clear();
        append(&mut self.plain);
        let max_length = snap::raw::max_compress_len(self.plain.len());
        if self.compressed.len() < max_length {
            self.compressed.resize(max_length, 0);
        }
        // This fails only if the buffer is too small, which it is not, or for more than 4 GiB.
        self.length = snap::raw::Encoder::new()
            .compress(&self.plain, &mut self.compressed)
            .unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read as _;

    #[test]
    fn a_reused_body_contains_nothing_of_the_request_before() {
        let mut body = Body::default();
        for text in [&[b'a'; 10_000][..], b"shorter", b"", b"longer again"] {
            body.snappy(|plain| plain.extend_from_slice(text));
            let back = snap::raw::Decoder::new().decompress_vec(body.bytes());
            assert_eq!(back.as_deref(), Ok(text));
            body.gzip(|plain| plain.extend_from_slice(text));
            let mut back = Vec::new();
            let read = GzDecoder::new(body.bytes()).read_to_end(&mut back);
            assert_eq!((read.ok(), back.as_slice()), (Some(text.len()), text));
        }
    }
}
