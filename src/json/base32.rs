//! Crockford's base32: digits and upper-case letters without I, L, O and U. <https://www.crockford.com/base32.html>

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const PAIRS: [[u8; 2]; 1024] = {
    let mut pairs = [[0; 2]; 1024];
    let mut bits = 0;
    while bits < pairs.len() {
        pairs[bits] = [SYMBOLS[bits >> 5], SYMBOLS[bits & 0x1f]];
        bits += 1;
    }
    pairs
};

/// Returns the lowest `5 * N` bits as `N` symbols, the highest bits first.
#[inline]
pub(crate) fn base32<const N: usize>(mut bits: u64) -> [u8; N] {
    let mut symbols = [b'0'; N];
    let mut pairs = symbols.rchunks_exact_mut(2);
    for pair in &mut pairs {
        pair.copy_from_slice(&PAIRS[(bits & 0x3ff) as usize]);
        bits >>= 10;
    }
    if let [first] = pairs.into_remainder() {
        [_, *first] = PAIRS[(bits & 0x1f) as usize];
    }
    symbols
}

#[cfg(test)]
mod tests {
    use super::base32;

    #[test]
    fn five_bits_are_one_symbol() {
        for (bits, symbols) in [
            (0, *b"000"),
            (31, *b"00Z"),
            (32, *b"010"),
            (0b10001_01010_11011, *b"HAV"),
        ] {
            assert_eq!(base32(bits), symbols);
        }
        let all: Vec<u8> = (0..32).flat_map(base32::<1>).collect();
        assert_eq!(all, b"0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    }

    #[test]
    fn the_time_of_a_ulid_is_written_as_in_the_reference_implementation() {
        // From the tests of https://github.com/ulid/javascript.
        assert_eq!(base32(1_469_918_176_385), *b"01ARYZ6S41");
    }

    #[test]
    fn bits_beyond_the_symbols_are_left_out() {
        assert_eq!(base32(u64::MAX), *b"ZZ");
        assert_eq!(base32(u64::MAX), *b"FZZZZZZZZZZZZ");
    }
}
