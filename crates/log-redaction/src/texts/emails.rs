//! E-mail addresses.

use std::ops::Range;

/// The longest local part and the longest domain (RFC 5321).
const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 255;

/// Endings of names that have an `@` and are no addresses: `icon@2x.png`, and instances of systemd's units.
const NO_DOMAINS: [&[u8]; 12] = [
    b"png", b"jpg", b"jpeg", b"gif", b"webp", b"svg", b"service", b"socket", b"timer", b"slice",
    b"scope", b"target",
];

/// Returns the first address from a position on.
pub(super) fn next(text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        at += text.get(at..)?.iter().position(|byte| *byte == b'@')?;
        let start = local_start(text, from, at);
        let end = domain_end(text, at + 1);
        if let Some(end) = end.filter(|_| start < at) {
            return Some(start..end);
        }
        at += 1;
    }
}

/// Returns where the local part begins that ends at `end`.
fn local_start(text: &[u8], from: usize, end: usize) -> usize {
    let first = end.saturating_sub(LONGEST_LOCAL).max(from);
    let local = text.get(first..end).unwrap_or_default();
    let outside = local.iter().rposition(|byte| !is_local(*byte));
    let mut start = first + outside.map_or(0, |outside| outside + 1);
    // Not a dot, an apostrophe that is a quote, or a part of a character.
    while text.get(start).is_some_and(|byte| {
        start < end && (matches!(byte, b'.' | b'\'' | b'-' | b'%' | 0x80..=0xbf))
    }) {
        start += 1;
    }
    start
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'.' | b'_' | b'%' | b'+' | b'-' | b'\'' | b'!' | b'#' | b'$' | b'^' | b'~'
        )
        || byte >= 0x80
}

/// Returns where the domain ends that begins at `start`.
fn domain_end(text: &[u8], start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let rest = rest.get(..LONGEST_DOMAIN).unwrap_or(rest);
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.') || *byte >= 0x80;
    let length = rest
        .iter()
        .position(|byte| !is_part(byte))
        .unwrap_or(rest.len());
    // A dot or a hyphen at the end is punctuation, and what follows two dots is no part of the domain.
    let domain = rest.get(..length)?;
    let domain = match domain.windows(2).position(|pair| pair == b"..") {
        Some(dots) => domain.get(..dots)?,
        None => domain,
    };
    let trimmed = domain
        .iter()
        .rposition(|byte| !matches!(byte, b'.' | b'-'))?
        + 1;
    let domain = domain.get(..trimmed)?;
    let dot = domain.iter().rposition(|byte| *byte == b'.')?;
    let (name, ending) = domain.split_at_checked(dot)?;
    let ending = ending.get(1..)?;
    let is_ending = ending.len() >= 2
        && ending
            .iter()
            .all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80)
        && !NO_DOMAINS.iter().any(|no| ending.eq_ignore_ascii_case(no));
    let is_name = name
        .first()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    // `git@github.com:owner/name` and `ssh://git@github.com/owner/name` are repositories.
    let is_repository = matches!(text.get(start + trimmed..), Some([b':' | b'/', ..]))
        && text
            .get(..start)
            .is_some_and(|before| before.ends_with(b"git@"));
    let is_utf8 = str::from_utf8(domain).is_ok();
    (is_ending && is_name && is_utf8 && !is_repository).then_some(start + trimmed)
}
