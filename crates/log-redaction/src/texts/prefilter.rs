use super::{cards, emails, form::Form, ips, keys, literals::Literal};
use crate::{key_ends::KeyEnds, redaction::Redaction};
use aho_corasick::AhoCorasick;
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
/// The pair may be a part of `%40`.
const ENCODED_AT: u8 = 64;

/// Rejects most texts with a few instructions for each byte.
///
/// Each secret has a literal of at least three characters, or a separator between its key and itself. So one of two neighbouring characters at
/// an even position belongs to it, and a table says which pairs do. Positions with such a pair are looked at closely.
pub(super) struct Prefilter {
    /// What each pair of bytes may belong to.
    pairs: Box<[u8; 1 << 16]>,
    /// The literals of each pair, by the last bits of its first byte.
    probes: Vec<Vec<Probe>>,
    has_keys: bool,
    has_user_info: bool,
    own: Own,
}

/// A pair that belongs to a literal.
#[derive(Clone, Copy, Debug)]
struct Probe {
    pair: u16,
    /// Where the pair is in the literal.
    offset: usize,
    literal: Literal,
}

/// The literals of the user's patterns.
#[derive(Debug)]
enum Own {
    None,
    Literals(AhoCorasick),
    /// There is a pattern without literals.
    Any,
}

const PROBE_LISTS: usize = 32;

impl Prefilter {
    pub(super) fn new(redaction: &Redaction) -> Self {
        let mut filter = Self {
            pairs: Box::new([0; 1 << 16]),
            probes: vec![Vec::new(); PROBE_LISTS],
            has_keys: redaction.has_keys_in_texts,
            has_user_info: false,
            own: Own::new(redaction),
        };
        let forms = redaction.patterns.iter().map(|pattern| &pattern.form);
        for form in forms {
            for literal in form.literals() {
                filter.add_literal(literal);
            }
            match form {
                Form::UserInfo => {
                    filter.has_user_info = true;
                    filter.add(AT, |pair| pair.contains(&b'@'));
                    filter.add(SLASH, |pair| matches!(pair, [b':' | b'/', b'/']));
                }
                Form::Cards => filter.add(DIGITS, |pair| pair.iter().all(u8::is_ascii_digit)),
                Form::Emails => {
                    filter.add(AT, |pair| pair.contains(&b'@'));
                    filter.add(ENCODED_AT, |pair| [*b"%4", *b"40"].contains(&pair));
                }
                Form::Ips => filter.add(ADDRESS, is_in_address),
                _ => {}
            }
        }
        if filter.has_keys {
            let is_separator = |byte: &u8| matches!(byte, b'=' | b':');
            filter.add(SEPARATOR, |pair| pair.iter().any(is_separator));
            filter.add(LITERAL, |pair| pair == *b"--" || is_option(&pair));
        }
        filter
    }

    fn add(&mut self, flag: u8, belongs: impl Fn([u8; 2]) -> bool) {
        for (pair, flags) in (0..=u16::MAX).zip(self.pairs.iter_mut()) {
            if belongs(pair.to_le_bytes()) {
                *flags |= flag;
            }
        }
    }

    fn add_literal(&mut self, literal: &Literal) {
        for parity in [0, 1] {
            let offset = literal.rarest_pair(parity);
            let Some([first, second]) = literal
                .text
                .as_bytes()
                .get(offset..)
                .and_then(<[u8]>::first_chunk)
            else {
                continue;
            };
            let cases = |byte: &u8| {
                let upper = if literal.ignores_case {
                    byte.to_ascii_uppercase()
                } else {
                    *byte
                };
                [*byte, upper]
            };
            for first in cases(first) {
                for second in cases(second) {
                    self.add_probe(Probe {
                        pair: u16::from_le_bytes([first, second]),
                        offset,
                        literal: *literal,
                    });
                }
            }
        }
    }

    fn add_probe(&mut self, probe: Probe) {
        self.pairs[usize::from(probe.pair)] |= LITERAL;
        if let Some(probes) = self.probes.get_mut(usize::from(probe.pair) % PROBE_LISTS) {
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
            if flags & (SEPARATOR | LITERAL) != 0 && self.has_secret(keys, text, at) {
                return true;
            }
            at += BLOCK;
        }
        if !rest.is_empty() {
            let mut last = [0; BLOCK];
            for (slot, byte) in last.iter_mut().zip(rest) {
                *slot = *byte;
            }
            let flags = self.flags(&last);
            seen |= flags;
            if flags & (SEPARATOR | LITERAL) != 0 && self.has_secret(keys, text, at) {
                return true;
            }
        }
        (seen & !(SEPARATOR | LITERAL) != 0 || !matches!(self.own, Own::None))
            && self.has_other(seen, text)
    }

    /// Returns what the pairs of a block may belong to.
    #[inline]
    fn flags(&self, block: &[u8; BLOCK]) -> u8 {
        let (pairs, _) = block.as_chunks::<2>();
        pairs.iter().fold(0, |flags, pair| {
            flags | self.pairs[usize::from(u16::from_le_bytes(*pair))]
        })
    }

    /// Looks at the pairs of a block closely.
    #[inline(never)]
    fn has_secret(&self, keys: &KeyEnds, text: &[u8], start: usize) -> bool {
        let end = text.len().min(start + BLOCK);
        let mut at = start;
        while at < end {
            let pair = match text.get(at..) {
                Some([first, second, ..]) => [*first, *second],
                Some([last]) => [*last, 0],
                _ => return false,
            };
            let flags = self.pairs[usize::from(u16::from_le_bytes(pair))];
            if flags & SEPARATOR != 0 {
                let is_separator = |byte: u8| matches!(byte, b'=' | b':');
                if is_separator(pair[0]) && keys::may_precede(keys, text, at)
                    || is_separator(pair[1]) && keys::may_precede(keys, text, at + 1)
                {
                    return true;
                }
            }
            if flags & LITERAL != 0
                && (self.has_literal(text, at, pair) || self.has_option(keys, text, at, pair))
            {
                return true;
            }
            at += 2;
        }
        false
    }

    fn has_literal(&self, text: &[u8], at: usize, pair: [u8; 2]) -> bool {
        let pair = u16::from_le_bytes(pair);
        let probes = self.probes.get(usize::from(pair) % PROBE_LISTS);
        probes.is_some_and(|probes| {
            probes.iter().any(|probe| {
                probe.pair == pair
                    && at
                        .checked_sub(probe.offset)
                        .is_some_and(|start| probe.literal.is_at(text, start))
            })
        })
    }

    fn has_option(&self, keys: &KeyEnds, text: &[u8], at: usize, pair: [u8; 2]) -> bool {
        let start = match pair {
            _ if !self.has_keys => return false,
            [b'-', b'-'] => at,
            _ if is_option(&pair) => at + 1,
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
        // A password that is cut has no `@`.
        if self.has_user_info && seen & SLASH != 0 && text.len() >= super::user_info::LONG {
            return true;
        }
        let has_escapes = || text.contains(&b'\\');
        let may_have = |flags: u8, next: fn(&[u8], usize) -> Option<std::ops::Range<usize>>| {
            seen & flags != 0 && (next(text, 0).is_some() || has_escapes())
        };
        self.has_emails() && may_have(AT | ENCODED_AT, emails::next)
            || may_have(DIGITS, cards::next)
            || may_have(ADDRESS, ips::next)
            || self.own.may_match(text)
    }

    fn has_emails(&self) -> bool {
        self.pairs[usize::from(u16::from_le_bytes(*b"%4"))] & ENCODED_AT != 0
    }
}

impl Own {
    fn new(redaction: &Redaction) -> Self {
        let mut all = Vec::new();
        for pattern in &redaction.patterns {
            if let Form::Own(own) = &pattern.form {
                match own.literals() {
                    Some(literals) => all.extend(literals),
                    None => return Self::Any,
                }
            }
        }
        if all.is_empty() {
            return Self::None;
        }
        AhoCorasick::new(all).map_or(Self::Any, Self::Literals)
    }

    fn may_match(&self, text: &[u8]) -> bool {
        match self {
            Self::None => false,
            Self::Any => true,
            Self::Literals(literals) => literals.is_match(text),
        }
    }
}

/// Returns whether a pair is the first hyphen of an option of a command, with what is before it. That may be the end of an escape.
fn is_option(pair: &[u8; 2]) -> bool {
    let [before, hyphen] = *pair;
    hyphen == b'-' && (keys::may_precede_option(before) || matches!(before, b'n' | b'r' | b't'))
}

fn is_in_address(pair: [u8; 2]) -> bool {
    match pair {
        [b':', b':'] => true,
        [b'.' | b':', other] | [other, b'.' | b':'] => other.is_ascii_hexdigit(),
        _ => false,
    }
}

impl fmt::Debug for Prefilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prefilter").finish_non_exhaustive()
    }
}
