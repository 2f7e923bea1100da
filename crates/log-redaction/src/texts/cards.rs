//! Numbers of payment cards.

use std::ops::Range;

/// The lengths of card numbers (ISO/IEC 7812).
const SHORTEST: usize = 13;
const LONGEST: usize = 19;

/// Returns the first card number from a position on.
///
/// It has 13 to 19 digits whose check digit is valid, and starts with 2 to 6, as the numbers of all card networks do but those of airlines.
/// Other numbers of that length start with 1 more often than not, since times do. It is written without separators, or in groups of three
/// to seven digits between single spaces or hyphens, of which the first has four digits. It is not part of a longer number, word or id.
pub(super) fn next(text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    while let Some(found) = text.get(at..)?.iter().position(u8::is_ascii_digit) {
        let start = at + found;
        let end = group_end(text, start);
        if begins(text, start)
            && let Some(end) = number_end(text, start, end)
        {
            return Some(start..end);
        }
        at = end;
    }
    None
}

fn group_end(text: &[u8], start: usize) -> usize {
    let digits = text.get(start..).unwrap_or_default();
    start
        + digits
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
}

/// Returns the end of the card number whose first group of digits is known.
fn number_end(text: &[u8], start: usize, first_end: usize) -> Option<usize> {
    if !matches!(text.get(start), Some(b'2'..=b'6')) {
        return None;
    }
    let mut digits = [0; LONGEST];
    let mut count = 0;
    let mut push = |group: &[u8]| {
        let slots = digits.get_mut(count..)?.get_mut(..group.len())?;
        slots.copy_from_slice(group);
        count += group.len();
        Some(count)
    };
    let mut end = first_end;
    let mut total = push(text.get(start..end)?)?;
    if total == 4 {
        let separator = *text.get(end).filter(|byte| matches!(byte, b' ' | b'-'))?;
        while text.get(end) == Some(&separator) {
            let group = end + 1..group_end(text, end + 1);
            if !(3..=7).contains(&group.len()) {
                break;
            }
            let Some(more) = push(text.get(group.clone())?) else {
                break;
            };
            total = more;
            end = group.end;
        }
    }
    let digits = digits.get(..total)?;
    (total >= SHORTEST && ends(text, end) && is_valid(digits)).then_some(end)
}

/// Returns whether a number may begin here, and not continue.
fn begins(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    match before {
        [.., digit, b'.' | b',' | b'-'] => !digit.is_ascii_alphanumeric(),
        [.., last] => !(last.is_ascii_alphanumeric() || *last == b'_' || *last >= 0x80),
        [] => true,
    }
}

fn ends(text: &[u8], end: usize) -> bool {
    match text.get(end..).unwrap_or_default() {
        [b'.' | b',' | b'-', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => !(next.is_ascii_alphanumeric() || *next == b'_' || *next >= 0x80),
        [] => true,
    }
}

/// Checks the last digit by Luhn's algorithm.
fn is_valid(digits: &[u8]) -> bool {
    let values = digits.iter().rev().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = values
        .enumerate()
        .map(|(index, value)| match index % 2 {
            0 => value,
            _ => 2 * value / 10 + 2 * value % 10,
        })
        .sum();
    let is_one_digit = digits.iter().all(|digit| Some(digit) == digits.first());
    sum.is_multiple_of(10) && !is_one_digit
}
