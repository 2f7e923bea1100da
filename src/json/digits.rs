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
