//! IP addresses.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    ops::Range,
};

/// The longest text of an address, `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`, with a character of punctuation after it.
const LONGEST: usize = 46;

/// Returns the first address from a position on. It is not part of a longer number, of a version such as `v1.2.3.4`, or of a path of Rust
/// such as `a::b`.
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
        && str::from_utf8(address).is_ok_and(|address| address.parse::<Ipv4Addr>().is_ok());
    is_valid.then_some(range)
}
