use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Read};

/// The first bytes of a gzip file (RFC 1952, section 2.3.1).
pub(super) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Decompresses all members of a gzip file that comes through a pipe.
///
/// It has the member that is being read, unless all have been.
pub(super) struct GzipPipe<R>(Option<GzDecoder<BufReader<R>>>);

impl<R: Read> GzipPipe<R> {
    pub(super) fn new(reader: R) -> Self {
        Self(Some(GzDecoder::new(BufReader::new(reader))))
    }
}

impl<R: Read> Read for GzipPipe<R> {
    /// What follows the members is an error, after all text was read. Zeros may follow: tapes and some file systems fill a file up with them.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(member) = &mut self.0 else {
                return Ok(0);
            };
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(member) = self.0.take() else {
                return Ok(0);
            };
            let mut rest = member.into_inner();
            match byte_after_zeros(&mut rest)? {
                None => return Ok(0),
                Some(byte) if byte == GZIP_MAGIC[0] => {
                    self.0 = Some(GzDecoder::new(rest));
                }
                Some(_) => {
                    let text = "the compressed text is followed by other data, which is ignored";
                    return Err(io::Error::new(io::ErrorKind::InvalidData, text));
                }
            }
        }
    }
}

/// Returns the next byte other than zero without consuming it.
fn byte_after_zeros(reader: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let next = bytes.get(zeros).copied();
        reader.consume(zeros);
        if next.is_some() {
            return Ok(next);
        }
    }
}
