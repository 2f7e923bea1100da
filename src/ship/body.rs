//! What a request carries.

use flate2::{Compression, write::GzEncoder};

/// Lines of a batch as they are sent. The next ones are made in the same memory: to get such pieces from the system each time, or
/// to clear them, costs more than what is done with them.
#[derive(Debug, Default)]
pub(super) struct Body {
    compressed: Vec<u8>,
    /// Of `compressed`: behind it is what the last one left.
    length: usize,
    /// The same before compression, where that is not done on the way.
    plain: Vec<u8>,
    /// How many of them were cut to the server's limit.
    pub(super) cut: u64,
}

impl Body {
    pub(super) fn to_send(&self) -> &[u8] {
        self.compressed.get(..self.length).unwrap_or_default()
    }

    /// Takes what is written.
    pub(super) fn gzip(&mut self, write: impl FnOnce(&mut GzEncoder<Vec<u8>>)) {
        self.compressed.clear();
        let mut out = GzEncoder::new(std::mem::take(&mut self.compressed), Compression::fast());
        write(&mut out);
        // To a `Vec`: it cannot fail.
        self.compressed = out.finish().unwrap_or_default();
        self.length = self.compressed.len();
    }

    /// Takes what is appended, in snappy's block format.
    pub(super) fn snappy(&mut self, append: impl FnOnce(&mut Vec<u8>)) {
        self.plain.clear();
        append(&mut self.plain);
        let most = snap::raw::max_compress_len(self.plain.len());
        if self.compressed.len() < most {
            self.compressed.resize(most, 0);
        }
        // It fails where there is no room, or for more than 4 GiB.
        self.length = snap::raw::Encoder::new()
            .compress(&self.plain, &mut self.compressed)
            .unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::{Read as _, Write as _};

    #[test]
    fn of_what_was_sent_before_nothing_is_left() {
        let mut body = Body::default();
        for text in [&[b'a'; 10_000][..], b"shorter", b"", b"longer again"] {
            body.snappy(|plain| plain.extend_from_slice(text));
            let back = snap::raw::Decoder::new().decompress_vec(body.to_send());
            assert_eq!(back.as_deref(), Ok(text));
            body.gzip(|out| out.write_all(text).expect("a Vec"));
            let mut back = Vec::new();
            let read = GzDecoder::new(body.to_send()).read_to_end(&mut back);
            assert_eq!((read.ok(), back.as_slice()), (Some(text.len()), text));
        }
    }
}
