//! Decimal digits, two at a time.

/// The decimal digits of the numbers from 0 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < pairs.len() {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// Returns the two digits of a number below 100.
#[inline]
pub(super) fn digit_pair(number: u32) -> [u8; 2] {
    PAIRS[number as usize]
}

/// Returns the two digits of a number below 100 in the lower bytes of a word, the first one in the lowest.
///
/// Digits that are collected in a register and written together can be read again at once. After bytes that are written one by one, a
/// processor waits until they are in its cache.
#[inline]
pub(super) fn digit_pair_word(number: u32) -> u64 {
    u16::from_le_bytes(digit_pair(number)).into()
}
