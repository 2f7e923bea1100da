/// Returns the index of the first quote or backslash.
#[inline]
pub(super) fn next_special(json: &[u8]) -> Option<usize> {
    // Many strings are short, and not worth a call.
    if let Some(eight) = json.first_chunk() {
        let plain = plain_length(eight);
        if plain < eight.len() {
            return Some(plain);
        }
    }
    find_special(json)
}

#[cfg(feature = "lines")]
fn find_special(json: &[u8]) -> Option<usize> {
    memchr::memchr2(b'"', b'\\', json)
}

/// Without the dependency.
#[cfg(not(feature = "lines"))]
fn find_special(json: &[u8]) -> Option<usize> {
    let mut chunks = json.chunks_exact(8);
    let mut at = 0;
    for eight in chunks.by_ref().filter_map(<[u8]>::first_chunk) {
        let plain = plain_length(eight);
        at += plain;
        if plain < eight.len() {
            return Some(at);
        }
    }
    let rest = chunks.remainder();
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\');
    Some(at + rest.iter().position(is_special)?)
}

/// Returns the index of the first quote or backslash, or 8 if there is none.
#[inline]
pub(crate) fn plain_length(eight: &[u8; 8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(*eight);
    let quotes = word ^ (EACH * u64::from(b'"'));
    let backslashes = word ^ (EACH * u64::from(b'\\'));
    // Sets the highest bit of the first zero byte, and maybe of later bytes, but not of an earlier one.
    let zeros = |word: u64| word.wrapping_sub(EACH) & !word;
    let found = (zeros(quotes) | zeros(backslashes)) & (EACH << 7);
    found.trailing_zeros() as usize / 8
}
