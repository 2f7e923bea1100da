//! The quick search for keys, in texts that may be escaped.

use super::color::before_colors;
use crate::{key_ends::KeyEnds, replacement::REDACTED, url};

/// The longest name of a parameter that is looked for.
const LONGEST_PARAMETER: usize = 64;

/// Returns whether the separator at a position may have a key before it and a secret after it.
#[inline]
pub(in crate::texts) fn may_precede(keys: &KeyEnds, text: &[u8], separator: usize) -> bool {
    // Most separators are those of JSON.
    match text.get(..=separator).and_then(<[u8]>::last_chunk) {
        Some([third, second, last, b'"', b':']) if !keys.may_end_with([*third, *second, *last]) => {
            false
        }
        _ => may_precede_closely(keys, text, separator),
    }
}

#[inline(never)]
fn may_precede_closely(keys: &KeyEnds, text: &[u8], separator: usize) -> bool {
    let Some((before, [sign, after @ ..])) = text.split_at_checked(separator) else {
        return false;
    };
    // A database names the columns of a key so: `Key (a, b)=(…)`.
    if before.last() == Some(&b')') && after.first() == Some(&b'(') {
        return true;
    }
    // The key is directly before the separator, or in quotes.
    let mut key = before_colors(before);
    while let [rest @ .., b'"' | b'\'' | b'\\' | b' ' | b'`'] = key {
        key = rest;
    }
    // An escaped quote.
    if let [rest @ .., b'u', b'0', b'0', b'2', b'2' | b'7'] = key {
        key = rest;
        while let [rest @ .., b'\\'] = key {
            key = rest;
        }
    }
    let key = before_colors(key);
    let follows_separator = matches!(key, [.., b':' | b'=' | b'/' | b'@']);
    if !follows_separator && keys.may_match(key) {
        return may_be_secret(*sign, before, after);
    }
    *sign == b'=' && may_be_parameter(before)
}

/// Returns whether there may be a secret after a key and a separator.
#[inline(never)]
fn may_be_secret(sign: u8, before: &[u8], after: &[u8]) -> bool {
    let is_path = sign == b':' && (after.first() == Some(&b':') || before.last() == Some(&b':'));
    let opening = after
        .iter()
        .position(|byte| !matches!(byte, b'"' | b'\'' | b'\\' | b' '));
    let value = after
        .get(opening.unwrap_or(after.len())..)
        .unwrap_or_default();
    let is_replaced = [REDACTED, url::REDACTED].iter().any(|word| {
        value
            .strip_prefix(word.as_bytes())
            .is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
    });
    !(is_path || is_replaced || value.is_empty())
}

/// Returns whether the text ends with a parameter of a query.
fn may_be_parameter(text: &[u8]) -> bool {
    let name =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'%');
    let length = text
        .iter()
        .rev()
        .take(LONGEST_PARAMETER)
        .take_while(|byte| name(byte))
        .count();
    let (before, parameter) = text.split_at(text.len() - length);
    match before {
        [.., b'?' | b'&'] => parameter.contains(&b'%') || url::is_secret_parameter(parameter),
        _ => false,
    }
}

/// Returns whether the comma or bracket at a position may follow the name of a secret, as in `("password", "x")` and `Password("x")`.
#[inline]
pub(in crate::texts) fn may_be_pair(keys: &KeyEnds, text: &[u8], at: usize) -> bool {
    // Most of these commas are those of JSON.
    match text.get(..=at).and_then(<[u8]>::last_chunk) {
        Some([third, second, last, b'"', b',']) => {
            keys.may_end_with([*third, *second, *last]) && may_be_pair_closely(keys, text, at)
        }
        Some([.., b'\'', b','] | [.., b'(']) | None => may_be_pair_closely(keys, text, at),
        Some(_) => false,
    }
}

#[inline(never)]
fn may_be_pair_closely(keys: &KeyEnds, text: &[u8], at: usize) -> bool {
    match text.split_at_checked(at) {
        Some((before @ [.., b'"' | b'\''], [b',', ..])) => {
            let mut name = before;
            while let [rest @ .., b'"' | b'\'' | b'\\'] = name {
                name = rest;
            }
            keys.may_match(name)
        }
        Some((name, [b'(', b'"' | b'\'' | b'\\', ..])) => keys.may_match(name),
        _ => false,
    }
}

/// Returns whether an option of a command with a key may begin at a position.
pub(in crate::texts) fn may_be_option(keys: &KeyEnds, text: &[u8], start: usize) -> bool {
    let Some([b'-', b'-', rest @ ..]) = text.get(start..) else {
        return false;
    };
    let length = super::options::name_length(rest);
    let Some((name, [b' ', ..])) = rest.split_at_checked(length) else {
        return false;
    };
    keys.may_match(name)
}
