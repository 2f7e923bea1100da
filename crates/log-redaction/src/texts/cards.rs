//! Numbers of payment cards.

use std::ops::Range;

/// The lengths of card numbers (ISO/IEC 7812).
const SHORTEST: usize = 13;
const LONGEST: usize = 19;

/// The separators between the groups of a card number, beside spaces. A form has `+` for a space, and a URL `%20`.
const SEPARATORS: &[&str] = &[
    "-", ".", "+", "%20", "\u{a0}", "\u{202f}", "\u{2010}", "\u{2011}", "\u{2013}",
];

/// Separators after a backslash, as `Debug` and JSON write them.
const ESCAPED: &[&str] = &[
    "u{a0}", "u{202f}", "u00a0", "u202f", "u2010", "u2011", "u2013",
];

/// The most spaces or backslashes between two groups. An escape may have become as many spaces, and JSON within JSON doubles backslashes.
const MAX_RUN: usize = 8;

/// Returns the first card number from a position on.
///
/// It has 13 to 19 digits whose check digit is valid, and starts with 2 to 6, as the numbers of all card networks do but those of airlines.
/// Other numbers of that length start with 1 more often than not, since times do. It is written without separators, or in groups of three
/// to seven digits between equal separators, of which the first has four digits. It is not part of a longer number, word or id.
pub(super) fn next(text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    while let Some(found) = text.get(at..)?.iter().position(u8::is_ascii_digit) {
        let start = at + found;
        let end = group_end(text, start);
        // The digits of an escape such as `%20` do not belong to the number.
        let escaped = escape_end(text, start).filter(|inside| *inside < end);
        let start = escaped.unwrap_or(start);
        if begins(text, start)
            && let Some(end) = number_end(text, start, end)
        {
            return Some(start..end);
        }
        at = end;
    }
    None
}

/// Returns the end of the percent-encoded byte whose digits begin at a position.
fn escape_end(text: &[u8], start: usize) -> Option<usize> {
    let percent = text.get(start.checked_sub(1)?)?;
    let digits = text.get(start..start + 2)?;
    (*percent == b'%' && digits.iter().all(u8::is_ascii_hexdigit)).then_some(start + 2)
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
    let mut digits = Digits::default();
    let mut end = first_end;
    digits.push(text.get(start..end)?)?;
    if digits.count == 4 {
        let separator = separator(text, end)?;
        while has_at(text, end, separator) {
            let group = end + separator.len();
            let group = group..group_end(text, group);
            // Groups of two digits are those of times, except in `4111 11 1111 111111`.
            let is_group = match group.len() {
                2 => digits.count == 4 && is_two_four_six(text, group.start, separator),
                length => (3..=7).contains(&length),
            };
            if !is_group || digits.push(text.get(group.clone())?).is_none() {
                break;
            }
            end = group.end;
        }
    }
    (digits.count >= SHORTEST && ends(text, end) && is_valid(digits.all()?)).then_some(end)
}

/// Returns the separator at a position.
fn separator(text: &[u8], at: usize) -> Option<&[u8]> {
    let rest = text.get(at..)?;
    let run = |of: u8| {
        rest.iter()
            .take(MAX_RUN)
            .take_while(|byte| **byte == of)
            .count()
    };
    let (spaces, backslashes) = (run(b' '), run(b'\\'));
    if spaces > 0 {
        return rest.get(..spaces);
    }
    let after = rest.get(backslashes..)?;
    let separators = if backslashes > 0 { ESCAPED } else { SEPARATORS };
    let found = separators
        .iter()
        .find(|it| after.starts_with(it.as_bytes()))?;
    rest.get(..backslashes + found.len())
}

fn has_at(text: &[u8], at: usize, part: &[u8]) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with(part))
}

/// Returns whether groups of two, four and six digits begin at a position.
fn is_two_four_six(text: &[u8], start: usize, separator: &[u8]) -> bool {
    let mut at = start;
    [2, 4, 6].iter().enumerate().all(|(index, length)| {
        if index > 0 {
            if !has_at(text, at, separator) {
                return false;
            }
            at += separator.len();
        }
        let end = group_end(text, at);
        let is_group = end - at == *length;
        at = end;
        is_group
    })
}

/// The digits of a number, without its separators.
#[derive(Default)]
struct Digits {
    digits: [u8; LONGEST],
    count: usize,
}

impl Digits {
    /// Adds a group, unless the number is too long with it.
    fn push(&mut self, group: &[u8]) -> Option<()> {
        let slots = self.digits.get_mut(self.count..)?.get_mut(..group.len())?;
        slots.copy_from_slice(group);
        self.count += group.len();
        Some(())
    }

    fn all(&self) -> Option<&[u8]> {
        self.digits.get(..self.count)
    }
}

/// Returns whether a number may begin here, and not continue. A comma is between the elements of a list more often than within a number.
fn begins(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    match before {
        // Escapes in URLs, and the beginning of a card's magnetic stripe.
        [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => true,
        [.., b'%', b'B'] => true,
        [.., digit, b'.' | b'-'] => !digit.is_ascii_alphanumeric(),
        [.., last] if last.is_ascii() => !(last.is_ascii_alphanumeric() || *last == b'_'),
        [] => true,
        _ => !follows_letter(before),
    }
}

fn ends(text: &[u8], end: usize) -> bool {
    let after = text.get(end..).unwrap_or_default();
    match after {
        [b'.' | b'-', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] if next.is_ascii() => !(next.is_ascii_alphanumeric() || *next == b'_'),
        [] => true,
        _ => !precedes_letter(after),
    }
}

/// Returns whether a text that does not end with an ASCII character ends with a letter or digit.
fn follows_letter(before: &[u8]) -> bool {
    let longest = before.len().saturating_sub(4);
    let character = before.get(longest..).unwrap_or_default();
    let valid = (0..character.len()).find_map(|at| str::from_utf8(character.get(at..)?).ok());
    valid.is_none_or(|end| end.chars().next_back().is_some_and(char::is_alphanumeric))
}

/// Returns whether a text that does not begin with an ASCII character begins with a letter or digit.
fn precedes_letter(after: &[u8]) -> bool {
    let characters = after.get(..4).unwrap_or(after);
    let valid = characters.utf8_chunks().next().map(|chunk| chunk.valid());
    let first = valid.and_then(|valid| valid.chars().next());
    first.is_none_or(char::is_alphanumeric)
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
