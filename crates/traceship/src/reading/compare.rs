//! Compares the contents of a file with what a mark says about contents that were read before.

use crate::cursor::{Checkpoint, HEAD_BYTES, Mark};
use log_files::Content;
use std::io;

/// What a file and contents that were read before have in common, as far as checksums show it.
pub(super) struct CommonBeginning {
    /// The last checkpoint up to which they are the same, or the beginning of the file.
    pub(super) confirmed: Checkpoint,
    /// Whether the file ends before the next checkpoint, so that nothing in it is known to differ.
    pub(super) is_whole_file: bool,
}

/// How many bytes are read at once.
const STEP: usize = 256 << 10;
/// At least this many bytes before the confirmed offset are compared.
const END_BYTES: u64 = 4 << 10;

/// Reads the first bytes of a file.
pub(super) fn head(content: &mut Content) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD_BYTES];
    let length = content.read_at(0, &mut head)?;
    head.truncate(length);
    Ok(head)
}

/// Whether a file that should have the contents of a mark still has them: the same head, and the same last bytes before the confirmed offset.
/// This does not read the whole file.
pub(super) fn is_intact(content: &mut Content, head: &[u8], mark: &Mark) -> io::Result<bool> {
    if !begins_like(head, mark) {
        return Ok(false);
    }
    let last = mark.checkpoints.last();
    let from = mark.checkpoints.before_last(END_BYTES);
    Ok(continue_to(content, from, last.offset)? == last)
}

/// Whether the first bytes of a file are those of a mark.
pub(super) fn begins_like(head: &[u8], mark: &Mark) -> bool {
    let length = usize::try_from(mark.head.offset).unwrap_or(usize::MAX);
    head.get(..length)
        .is_some_and(|head| Checkpoint::default().and(head) == mark.head)
}

/// Compares a file with the checkpoints of a mark, among them the ends of copies.
pub(super) fn common_beginning(content: &mut Content, mark: &Mark) -> io::Result<CommonBeginning> {
    let mut confirmed = Checkpoint::default();
    for point in mark.confirmed_points() {
        let next = continue_to(content, confirmed, point.offset)?;
        if next != point {
            return Ok(CommonBeginning {
                confirmed,
                is_whole_file: next.offset < point.offset,
            });
        }
        confirmed = next;
    }
    Ok(CommonBeginning {
        confirmed,
        is_whole_file: false,
    })
}

/// Compares a file with another one, from a checkpoint on. Returns the end of the file if the other one has the same bytes up to there.
pub(super) fn end_within(
    file: &mut Content,
    other: &mut Content,
    from: Checkpoint,
) -> io::Result<Option<Checkpoint>> {
    let (mut own, mut others) = (vec![0; STEP], vec![0; STEP]);
    let mut end = from;
    loop {
        let length = file.read_at(end.offset, &mut own)?;
        let other_length = other.read_at(end.offset, &mut others)?;
        if own[..length] != others[..other_length.min(length)] {
            return Ok(None);
        }
        end = end.and(&own[..length]);
        if length < STEP {
            return Ok(Some(end));
        }
    }
}

/// Whether a text has at least so many bytes.
pub(super) fn reaches(content: &mut Content, length: u64) -> io::Result<bool> {
    Ok(length == 0 || content.read_at(length - 1, &mut [0])? > 0)
}

/// Returns the length of a text, but `limit` at most.
pub(super) fn length_up_to(content: &mut Content, limit: u64) -> io::Result<u64> {
    match reaches(content, limit)? {
        true => Ok(limit),
        false => Ok(content.length()?.unwrap_or(limit)),
    }
}

/// Continues a checksum up to an offset, or to the end of the file.
fn continue_to(content: &mut Content, from: Checkpoint, offset: u64) -> io::Result<Checkpoint> {
    let mut sum = from;
    let mut buffer = Vec::new();
    while sum.offset < offset {
        let wanted = usize::try_from(offset - sum.offset)
            .unwrap_or(STEP)
            .min(STEP);
        buffer.resize(wanted, 0);
        let length = content.read_at(sum.offset, &mut buffer)?;
        sum = sum.and(&buffer[..length]);
        if length < wanted {
            break;
        }
    }
    Ok(sum)
}
