use super::{
    cards, emails, encoded, form::Form, ips, keys, literals::Literal, own_literals::OwnLiterals,
};
use crate::{key_ends::KeyEnds, redaction::Redaction};
use std::fmt;

/// How many bytes are looked up before the result is checked.
const BLOCK: usize = 16;

/// The pair has `=` or `:`.
const SEPARATOR: u8 = 1;
/// The pair is in `probes`.
const LITERAL: u8 = 2;
/// The pair has `@`.
const AT: u8 = 4;
/// The pair has a `/` after a `:` or a `/`.
const SLASH: u8 = 8;
/// The pair has two digits.
const DIGITS: u8 = 16;
/// The pair has a dot or a colon beside a digit, or two colons.
const ADDRESS: u8 = 32;
/// The pair may be a part of `%41` or `\u0041`, or has a `+`, which may be a space.
const ENCODED: u8 = 64;

/// The pair has a comma after a quote, or a bracket.
const PAIR: u8 = 128;

/// What is looked at closely where it is.
const CLOSE: u8 = SEPARATOR | LITERAL | PAIR;

/// Rejects most texts with a few instructions for each byte.
///
/// Each secret has a literal of at least three characters, or a separator between its key and itself. So one of two neighbouring characters at
/// an even position belongs to it, and a table says which pairs do. Positions with such a pair are looked at closely.
pub(super) struct Prefilter {
    /// What each pair of bytes may belong to.
    pairs: Box<[u8; 1 << 16]>,
    /// The literals of each pair, by `probe_list`.
    probes: Vec<Vec<Probe>>,
    has_keys: bool,
    has_user_info: bool,
    has_emails: bool,
    own: OwnLiterals,
}

/// A pair that belongs to a literal.
#[derive(Clone, Copy, Debug)]
struct Probe {
    pair: u16,
    /// Where the pair is in the literal.
    offset: usize,
    /// The first three bytes of the literal, in lower case.
    start: u32,
    literal: Literal,
}

const PROBE_LISTS: usize = 64;

fn probe_list(pair: u16) -> usize {
    let [first, second] = pair.to_le_bytes();
    usize::from(first ^ second.rotate_left(3)) % PROBE_LISTS
}

impl Prefilter {
    pub(super) fn new(redaction: &Redaction) -> Self {
        let mut filter = Self {
            pairs: Box::new([0; 1 << 16]),
            probes: vec![Vec::new(); PROBE_LISTS],
            has_keys: redaction.has_keys_in_texts,
            has_user_info: false,
            has_emails: false,
            own: OwnLiterals::new(redaction),
        };
        let forms = redaction.patterns.iter().map(|pattern| &pattern.form);
        for form in forms {
            for literal in form.literals() {
                filter.add_literal(literal);
            }
            match form {
                Form::UserInfo => {
                    filter.has_user_info = true;
                    filter.add_beside(AT, |byte| byte == b'@', |_| true);
                    filter.add(
                        SLASH,
                        |byte| matches!(byte, b':' | b'/'),
                        |byte| byte == b'/',
                    );
                }
                Form::Cards => {
                    let is_digit = |byte: u8| byte.is_ascii_digit();
                    filter.add(DIGITS, is_digit, is_digit);
                }
                Form::Emails => {
                    filter.has_emails = true;
                    filter.add_beside(AT, |byte| byte == b'@', |_| true);
                }
                Form::Ips => {
                    let is_part = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
                    filter.add_beside(ADDRESS, |byte| matches!(byte, b'.' | b':'), is_part);
                }
                _ => {}
            }
        }
        filter.add_beside(ENCODED, |byte| matches!(byte, b'%' | b'+'), |_| true);
        filter.add(ENCODED, |byte| byte == b'\\', |byte| byte == b'u');
        filter.add(ENCODED, |byte| byte == b'u', |byte| byte == b'0');
        if filter.has_keys {
            filter.add_beside(SEPARATOR, |byte| matches!(byte, b'=' | b':'), |_| true);
            filter.add(
                PAIR,
                |byte| matches!(byte, b'"' | b'\''),
                |byte| byte == b',',
            );
            filter.add(PAIR, |byte| byte == b',', |_| true);
            filter.add(
                PAIR,
                |byte| byte.is_ascii_alphanumeric(),
                |byte| byte == b'(',
            );
            filter.add(
                PAIR,
                |byte| byte == b'(',
                |byte| matches!(byte, b'"' | b'\'' | b'\\'),
            );
            filter.add(
                LITERAL,
                |byte| byte == b'-' || may_precede_option(byte),
                |byte| byte == b'-',
            );
        }
        filter
    }

    /// Sets a flag of the pairs with these bytes in this order.
    fn add(&mut self, flag: u8, is_first: impl Fn(u8) -> bool, is_second: impl Fn(u8) -> bool) {
        for first in (0..=u8::MAX).filter(|byte| is_first(*byte)) {
            for second in (0..=u8::MAX).filter(|byte| is_second(*byte)) {
                self.pairs[usize::from(u16::from_le_bytes([first, second]))] |= flag;
            }
        }
    }

    /// Sets a flag of the pairs with these bytes in any order.
    fn add_beside(&mut self, flag: u8, is_one: impl Fn(u8) -> bool, is_other: impl Fn(u8) -> bool) {
        self.add(flag, &is_one, &is_other);
        self.add(flag, is_other, is_one);
    }

    fn add_literal(&mut self, literal: &Literal) {
        for offset in literal.pairs {
            let Some([first, second]) = literal
                .text
                .as_bytes()
                .get(offset..)
                .and_then(<[u8]>::first_chunk)
            else {
                continue;
            };
            let mut add = |first, second| {
                self.add_probe(Probe {
                    pair: u16::from_le_bytes([first, second]),
                    offset,
                    start: start_of(literal.text.as_bytes()),
                    literal: *literal,
                });
            };
            add(*first, *second);
            if literal.ignores_case {
                add(first.to_ascii_uppercase(), second.to_ascii_uppercase());
                add(first.to_ascii_uppercase(), *second);
                add(*first, second.to_ascii_uppercase());
            }
        }
    }

    fn add_probe(&mut self, probe: Probe) {
        self.pairs[usize::from(probe.pair)] |= LITERAL;
        if let Some(probes) = self.probes.get_mut(probe_list(probe.pair)) {
            probes.push(probe);
        }
    }

    /// Returns whether a text, or JSON with it, may have a secret.
    #[inline]
    pub(super) fn may_match(&self, keys: &KeyEnds, text: &[u8]) -> bool {
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        let mut seen = 0;
        let mut at = 0;
        for block in blocks {
            let flags = self.flags(block);
            seen |= flags;
            if flags & CLOSE != 0 && self.has_secret(keys, text, block, at) {
                return true;
            }
            at += BLOCK;
        }
        if !rest.is_empty() {
            // The last byte may be left over. A secret has a pair before it.
            let even = text
                .get(..text.len() & !1)
                .and_then(<[u8]>::last_chunk::<BLOCK>);
            let flags = match even {
                Some(block) => self.flags(block),
                None => self.flags(rest),
            };
            seen |= flags;
            if flags & CLOSE != 0 && self.has_secret(keys, text, rest, at) {
                return true;
            }
        }
        (seen & !CLOSE != 0 || !self.own.is_none()) && self.has_other(seen, text)
    }

    /// Returns what the pairs of a part of the text may belong to.
    #[inline]
    fn flags(&self, part: &[u8]) -> u8 {
        let (pairs, _) = part.as_chunks::<2>();
        pairs.iter().fold(0, |flags, pair| {
            flags | self.pairs[usize::from(u16::from_le_bytes(*pair))]
        })
    }

    /// Looks at the pairs of a part of the text closely.
    #[inline(never)]
    fn has_secret(&self, keys: &KeyEnds, text: &[u8], part: &[u8], start: usize) -> bool {
        let (pairs, _) = part.as_chunks::<2>();
        pairs.iter().enumerate().any(|(index, pair)| {
            let flags = self.pairs[usize::from(u16::from_le_bytes(*pair))];
            flags & CLOSE != 0 && self.is_secret(flags, keys, text, start + 2 * index)
        })
    }

    /// Looks at the pair at a position closely.
    #[inline]
    fn is_secret(&self, flags: u8, keys: &KeyEnds, text: &[u8], at: usize) -> bool {
        flags & SEPARATOR != 0 && has_key(keys, text, at)
            || flags & PAIR != 0 && has_pair(keys, text, at)
            || flags & LITERAL != 0 && self.begins_secret(keys, text, at)
    }

    /// Returns whether the pair at a position belongs to a literal or an option.
    #[inline(never)]
    fn begins_secret(&self, keys: &KeyEnds, text: &[u8], at: usize) -> bool {
        let Some(pair) = text.get(at..).and_then(<[u8]>::first_chunk) else {
            return false;
        };
        let number = u16::from_le_bytes(*pair);
        let probes = self.probes.get(probe_list(number));
        let has_literal = probes.is_some_and(|probes| {
            probes.iter().any(|probe| {
                probe.pair == number
                    && at.checked_sub(probe.offset).is_some_and(|start| {
                        let rest = text.get(start..).unwrap_or_default();
                        start_of(rest) == probe.start && probe.literal.is_at(text, start)
                    })
            })
        });
        has_literal || pair[1] == b'-' && self.has_option(keys, text, at, *pair)
    }

    fn has_option(&self, keys: &KeyEnds, text: &[u8], at: usize, pair: [u8; 2]) -> bool {
        let start = match pair {
            _ if !self.has_keys => return false,
            [b'-', b'-'] => at,
            [before, b'-'] if may_precede_option(before) => at + 1,
            _ => return false,
        };
        keys::may_be_option(keys, text, start)
    }

    /// Looks for what has no literals.
    #[inline(never)]
    fn has_other(&self, seen: u8, text: &[u8]) -> bool {
        if self.has_user_info && seen & AT != 0 && seen & SLASH != 0 {
            return true;
        }
        if seen & ENCODED != 0 && encoded::may_be_encoded(text) {
            return true;
        }
        // A password that is cut has no `@`.
        if self.has_user_info && seen & SLASH != 0 && text.len() >= super::user_info::LONG {
            return true;
        }
        let has_escapes = || text.contains(&b'\\');
        let may_have = |flags: u8, next: fn(&[u8], usize) -> Option<std::ops::Range<usize>>| {
            seen & flags != 0 && (next(text, 0).is_some() || has_escapes())
        };
        self.has_emails && may_have(AT, emails::next)
            || may_have(DIGITS, cards::next)
            || may_have(ADDRESS, ips::next)
            || self.own.may_match(text)
    }
}

/// Returns the first three bytes of a text, with letters in lower case.
#[inline]
fn start_of(text: &[u8]) -> u32 {
    match text {
        [first, second, third, ..] => u32::from_le_bytes([*first, *second, *third, 0]) | 0x20_2020,
        _ => 0,
    }
}

/// Returns whether the pair at a position has a separator after a key.
#[inline]
fn has_key(keys: &KeyEnds, text: &[u8], at: usize) -> bool {
    let is_separator = |at: usize| matches!(text.get(at), Some(b'=' | b':'));
    is_separator(at) && keys::may_precede(keys, text, at)
        || is_separator(at + 1) && keys::may_precede(keys, text, at + 1)
}

/// Returns whether the pair at a position has a comma or a bracket after the name of a secret.
#[inline]
fn has_pair(keys: &KeyEnds, text: &[u8], at: usize) -> bool {
    let is_first = matches!(text.get(at), Some(b',' | b'('));
    keys::may_be_pair(keys, text, at + usize::from(!is_first))
}

/// Returns whether an option of a command may follow a character, which may be the end of an escape.
fn may_precede_option(byte: u8) -> bool {
    keys::may_precede_option(byte) || matches!(byte, b'n' | b'r' | b't')
}

impl fmt::Debug for Prefilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prefilter").finish_non_exhaustive()
    }
}
