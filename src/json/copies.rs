//! Copies of fixed length. They take a few instructions, while a copy of variable length is a function call.

/// The number of bytes in a vector register of every x86-64 and AArch64.
pub(super) const BLOCK: usize = 16;

/// The number of bytes in a general register.
pub(super) const WORD: usize = size_of::<u64>();

/// Appends bytes, which are few.
#[inline]
pub(crate) fn push_few(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.len() > 2 * BLOCK {
        out.extend_from_slice(bytes);
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        push_overlapping::<BLOCK>(out, first, last, bytes.len());
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        push_overlapping::<WORD>(out, first, last, bytes.len());
    } else {
        out.extend_from_slice(bytes);
    }
}

/// Appends up to `2 * N` bytes, of which these are the first and the last ones.
#[inline]
pub(super) fn push_overlapping<const N: usize>(
    out: &mut Vec<u8>,
    first: &[u8; N],
    last: &[u8; N],
    length: usize,
) {
    let start_of_last = out.len() + length - N;
    out.extend_from_slice(first);
    out.truncate(start_of_last);
    out.extend_from_slice(last);
}

/// Appends the first bytes of a word.
#[inline]
pub(super) fn push_first(out: &mut Vec<u8>, word: u64, length: usize) {
    let end = out.len() + length;
    out.extend_from_slice(&word.to_le_bytes());
    out.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_any_number_are_copied() {
        let bytes: Vec<u8> = (0..100).collect();
        for length in 0..bytes.len() {
            let mut out = b"before".to_vec();
            push_few(&mut out, &bytes[..length]);
            assert_eq!(out, [b"before", &bytes[..length]].concat());
        }
    }
}
