//! Lower-case hexadecimal digits.

const PAIRS: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < pairs.len() {
        pairs[byte] = [DIGITS[byte >> 4], DIGITS[byte & 0xf]];
        byte += 1;
    }
    pairs
};

/// Returns the two hexadecimal digits of a byte.
#[inline]
pub(super) fn hex_pair(byte: u8) -> [u8; 2] {
    PAIRS[usize::from(byte)]
}

/// Appends two hexadecimal digits for each byte.
#[inline]
pub(crate) fn push_hex<const N: usize>(out: &mut Vec<u8>, bytes: [u8; N]) {
    let digits = bytes.map(hex_pair);
    out.extend_from_slice(digits.as_flattened());
}
