//! NUL bytes at the end of a file, with which its writer has reserved space for the next lines.

use super::input::read_at;
use std::{fs::File, io};

/// More NUL bytes are not taken for reserved space, because looking for their beginning would take too long.
pub(super) const MAX_RESERVED: u64 = 256 << 20;
/// How many of them are read at once.
const STEP: usize = 64 << 10;
static ZEROS: [u8; STEP] = [0; STEP];

/// Returns where the NUL bytes at the end of a file of some length begin, or `None` if it does not end with one.
pub(super) fn reserved_from(file: &File, length: u64) -> io::Result<Option<u64>> {
    let mut last = [1];
    read_at(file, length.saturating_sub(1), &mut last)?;
    if last != [0] {
        return Ok(None);
    }
    let (mut end, mut buffer) = (length, vec![0; STEP]);
    while end > 0 {
        if length - end > MAX_RESERVED {
            return Ok(None);
        }
        let start = end.saturating_sub(STEP as u64);
        let step = usize::try_from(end - start).unwrap_or(STEP).min(STEP);
        let read = read_at(file, start, &mut buffer[..step])?;
        if buffer[..read] != ZEROS[..read] {
            let text = buffer[..read].iter().rposition(|byte| *byte != 0);
            return Ok(Some(start + text.map_or(0, |last| last as u64 + 1)));
        }
        end = start;
    }
    Ok(Some(0))
}
