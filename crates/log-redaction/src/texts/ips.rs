//! IP addresses.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    ops::Range,
};

/// The longest text of an address, `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`, with a character of punctuation after it.
const LONGEST: usize = 46;

/// How many bytes before a number are read to find out whether it is a version.
const LONGEST_NAME: usize = 40;

/// Returns the first address from a position on. It is not part of a longer number, of a version such as `v1.2.3.4`, `version=1.2.3.4` or
/// `Chrome/1.2.3.4`, or of a path of Rust such as `a::b`.
pub(super) fn next(text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        at += text.get(at..)?.iter().position(|byte| is_part(*byte))?;
        let rest = text.get(at..)?;
        let is_within = text
            .get(..at)?
            .last()
            .is_some_and(|before| is_part(*before));
        if !is_within && let Some(address) = v6(text, at) {
            return Some(address);
        }
        let part = rest
            .iter()
            .position(|byte| *byte == b':' || !is_part(*byte));
        let part = at..at + part.unwrap_or(rest.len());
        if let Some(address) = v4(text, part.clone()) {
            return Some(address);
        }
        // After the colon.
        at = part.end + 1;
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_outside(text: &[u8], range: &Range<usize>) -> bool {
    let before = text.get(..range.start).and_then(<[u8]>::last);
    let after = text.get(range.end);
    !before.is_some_and(|byte| is_word(*byte)) && !after.is_some_and(|byte| is_word(*byte))
}

/// Returns the address of version 6 that begins here.
fn v6(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let rest = rest.get(..=LONGEST).unwrap_or(rest);
    let length = rest
        .iter()
        .position(|byte| !is_part(*byte))
        .unwrap_or(rest.len());
    let run = start..start + length;
    if length > LONGEST || !is_outside(text, &run) {
        return None;
    }
    let mut range = run;
    // A dot or a single colon at the end is punctuation.
    while let [.., before, last @ (b'.' | b':')] = text.get(range.clone())? {
        if *last == b':' && *before == b':' {
            break;
        }
        range.end -= 1;
    }
    let address = str::from_utf8(text.get(range.clone())?).ok()?;
    let is_valid = address.bytes().filter(|byte| *byte == b':').count() >= 2
        && address.parse::<Ipv6Addr>().is_ok()
        && is_no_path(address);
    is_valid.then_some(range)
}

/// Tells addresses from paths such as `a::b` and `::f64`.
fn is_no_path(address: &str) -> bool {
    let Some((before, after)) = address.split_once("::") else {
        return true;
    };
    let has_digit = address.bytes().any(|byte| byte.is_ascii_digit());
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let groups = address.split(':').filter(|group| !group.is_empty()).count();
    has_digit
        && (groups >= 3
            || before.len() >= 3
            || before.is_empty() && (is_number(after) || groups >= 2)
            || is_number(before))
}

/// Returns the address of version 4 that hexadecimal digits and dots are.
fn v4(text: &[u8], part: Range<usize>) -> Option<Range<usize>> {
    let all = text.get(part.clone())?;
    // Dots at the end are punctuation.
    let dots = all.iter().rev().take_while(|byte| **byte == b'.').count();
    let range = part.start..part.end - dots;
    let address = text.get(range.clone())?;
    let is_valid = (7..=15).contains(&address.len())
        && is_outside(text, &part)
        && !is_percent_encoded(text, part.start)
        && str::from_utf8(address).is_ok_and(|address| address.parse::<Ipv4Addr>().is_ok())
        && !follows_product(text, part.start)
        && !follows_version(text, part.start);
    is_valid.then_some(range)
}

/// Returns whether the digits at a position belong to an escape, as those of `%202.0.0.0` do. The decoded text is searched too.
fn is_percent_encoded(text: &[u8], start: usize) -> bool {
    let from = start.saturating_sub(1);
    matches!(text.get(from..), Some([b'%', b'2'..=b'7', low, ..]) if low.is_ascii_hexdigit())
}

/// Returns whether the name of a product and a slash are before a number, as in the user agent `Chrome/120.0.0.0`. Names of hosts and parts of
/// paths, as in `/clients/10.0.0.1`, begin with small letters.
fn follows_product(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let Some(before) = before.strip_suffix(b"/") else {
        return false;
    };
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let (rest, name) = before.split_at(before.len() - trailing(before, is_part));
    let is_product = name.iter().any(u8::is_ascii_lowercase) || name == b"OPR";
    is_product
        && name.first().is_some_and(u8::is_ascii_uppercase)
        && !matches!(rest, [.., b'/' | b'.' | b'@' | b':'])
}

/// Returns whether a word such as `version` is before a number, as in `"version": "1.2.3.4"`, or `oid`.
fn follows_version(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let all = before.len();
    let before = without_separators(before);
    let word = trailing(before, |byte| byte.is_ascii_alphabetic());
    let word = before.get(before.len() - word..).unwrap_or_default();
    let last = word.last_chunk::<7>();
    let ends_with_version = last.is_some_and(|last| last.eq_ignore_ascii_case(b"version"));
    let words: [&[u8]; 3] = [b"v", b"ver", b"oid"];
    before.len() < all
        && (ends_with_version || words.iter().any(|it| word.eq_ignore_ascii_case(it)))
}

/// Returns a text without the separators between a key and its value at its end, also those of a URL.
fn without_separators(mut text: &[u8]) -> &[u8] {
    for _ in 0..LONGEST_NAME {
        text = match text {
            [rest @ .., b' ' | b'=' | b':' | b'"' | b'\'' | b'\\' | b'+'] => rest,
            [rest @ .., b'%', b'2' | b'3', low] if low.is_ascii_hexdigit() => rest,
            _ => break,
        };
    }
    text
}

/// Returns how many bytes at the end of a text are of this kind, up to a limit.
fn trailing(text: &[u8], is_kind: impl Fn(u8) -> bool) -> usize {
    let bytes = text.iter().rev().take(LONGEST_NAME);
    bytes.take_while(|byte| is_kind(**byte)).count()
}
