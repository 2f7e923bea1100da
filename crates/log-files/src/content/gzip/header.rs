//! The header of a gzip member (RFC 1952, section 2.3).

use crate::content::input::Input;
use std::io;

/// The bits of the header's flags.
const FHCRC: u8 = 2;
const FEXTRA: u8 = 4;
const FNAME: u8 = 8;
const FCOMMENT: u8 = 16;
/// Bits that must be zero. They may announce fields at unknown places.
const RESERVED: u8 = 0xe0;

/// How much of a comment is kept. `DEVICE:INODE` has at most 41 bytes.
const MAX_COMMENT_BYTES: usize = 64;

/// The parts of a header that are used here.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) comment: Vec<u8>,
}

/// Why a header could not be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file ends within the header.
    Truncated,
    /// The bytes are not the header of a gzip member.
    Invalid,
    File(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Header {
    pub(super) fn read(input: &mut Input) -> Result<Self, Fault> {
        let mut fixed = [0; 10];
        for (at, byte) in fixed.iter_mut().enumerate() {
            *byte = next(input)?;
            // Fails at the first wrong byte, so that a short rest of the file is not called truncated.
            if [0x1f, 0x8b, 8].get(at).is_some_and(|magic| magic != byte) {
                return Err(Fault::Invalid);
            }
        }
        let flags = fixed[3];
        if flags & RESERVED != 0 {
            return Err(Fault::Invalid);
        }
        let mut header = Self::default();
        if flags & FEXTRA != 0 {
            let length = u16::from_le_bytes([next(input)?, next(input)?]);
            for _ in 0..length {
                next(input)?;
            }
        }
        if flags & FNAME != 0 {
            while next(input)? != 0 {}
        }
        if flags & FCOMMENT != 0 {
            header.read_comment(input)?;
        }
        if flags & FHCRC != 0 {
            next(input)?;
            next(input)?;
        }
        Ok(header)
    }

    fn read_comment(&mut self, input: &mut Input) -> Result<(), Fault> {
        loop {
            match next(input)? {
                0 => return Ok(()),
                byte if self.comment.len() < MAX_COMMENT_BYTES => self.comment.push(byte),
                _ => {}
            }
        }
    }

    /// Parses the comment as `DEVICE:INODE`.
    pub(super) fn original(&self) -> Option<(u64, u64)> {
        let (device, inode) = std::str::from_utf8(&self.comment).ok()?.split_once(':')?;
        Some((device.parse().ok()?, inode.parse().ok()?))
    }
}

fn next(input: &mut Input) -> Result<u8, Fault> {
    input.next_byte()?.ok_or(Fault::Truncated)
}
