//! Rejects most keys quickly, without building their words.

use crate::{key_pattern::KeyPattern, key_words::is_separator, redaction::Redaction};

/// The ends of the keys that have a rule.
#[derive(Debug)]
pub(crate) struct KeyEnds {
    /// For each hash of three letters, whether a rule's name ends with such letters.
    ends: Box<[bool; 1 << HASH_BITS]>,
    /// The names, by the lowest bits of this hash.
    names: Vec<Vec<End>>,
    /// A part of each pattern that can end with anything, from its end to its start.
    parts: Vec<Box<[u8]>>,
    /// Whether there is a rule that none of these describes.
    any: bool,
    /// Whether there are `parts`, or `any` is set.
    is_open: bool,
}

/// What a key ends with.
#[derive(Clone, Debug)]
struct End {
    /// From the end to the start.
    letters: Box<[u8]>,
    /// Whether the letters are whole words.
    is_word: bool,
}

impl End {
    fn ends(&self, text: &[u8]) -> bool {
        let mut letters = Letters { text };
        for expected in &self.letters {
            match letters.next() {
                Some(letter) if letter == *expected => {}
                Some(letter) if !letter.is_ascii() => return true,
                _ => return false,
            }
        }
        !self.is_word || begins_word(letters.text, text)
    }
}

/// How many lists of names there are.
const LISTS: usize = 64;

const HASH_BITS: u32 = 12;

/// A one in each byte.
const EACH: u32 = u32::from_ne_bytes([1; 4]);
/// The highest bit of each byte.
const HIGH: u32 = EACH << 7;
/// The bit that makes letters lower case.
const LOWER: u32 = EACH << 5;

/// Only this number of a key's last letters counts.
const LONGEST: usize = 128;

impl KeyEnds {
    pub(crate) fn new(redaction: &Redaction) -> Self {
        let mut ends = Self {
            ends: Box::new([false; 1 << HASH_BITS]),
            names: vec![Vec::new(); LISTS],
            parts: Vec::new(),
            any: false,
            is_open: false,
        };
        for key in &redaction.keys {
            ends.add(&key.pattern);
        }
        ends.is_open = ends.any || !ends.parts.is_empty();
        ends
    }

    fn add(&mut self, pattern: &KeyPattern) {
        let end = pattern.end();
        if let Some(last) = last_letters(end).filter(|_| end.len() < LONGEST) {
            let hash = hash(last);
            self.ends[hash] = true;
            if let Some(names) = self.names.get_mut(hash % LISTS) {
                names.push(End {
                    letters: end.bytes().rev().collect(),
                    is_word: !pattern.is_glob(),
                });
            }
            return;
        }
        let part = pattern.longest_part();
        if end.is_empty() && !part.is_empty() && part.is_ascii() {
            self.parts.push(part.bytes().rev().collect());
        } else {
            self.any = true;
        }
    }

    /// Returns whether there may be a rule for a key that ends where the text ends. There may be other text before the key.
    #[inline]
    pub(crate) fn may_match(&self, text: &[u8]) -> bool {
        let end = text.last_chunk();
        end.is_none_or(|end| self.may_end_with(*end)) && self.may_match_closely(text)
    }

    /// Returns whether a key with a rule may end with these characters.
    #[inline]
    pub(crate) fn may_end_with(&self, end: [u8; 3]) -> bool {
        let [third, second, last] = end;
        let lower = u32::from_le_bytes([third, second, last, b'a']) | LOWER;
        // The highest bit of each byte that is a letter.
        let letters = (lower + (0x80 - 0x61) * EACH) & !(lower + (0x80 - 0x7b) * EACH);
        // Separators may be anywhere.
        let has_others = letters & HIGH != HIGH || (lower & HIGH) != 0;
        has_others || self.ends[hash(lower)] || self.is_open
    }

    #[inline(never)]
    fn may_match_closely(&self, text: &[u8]) -> bool {
        let text = text.last_chunk::<LONGEST>().map_or(text, |last| last);
        let mut letters = Letters { text };
        let (Some(last), Some(second), Some(third)) =
            (letters.next(), letters.next(), letters.next())
        else {
            return self.any || !self.parts.is_empty();
        };
        let hash = hash(u32::from_le_bytes([third, second, last, b'a']) | LOWER);
        self.ends[hash] && self.ends_with_name(hash, text)
            || self.any
            // Case may turn other characters into ASCII letters, as it does with the Kelvin sign.
            || !(last | second | third).is_ascii()
            || !self.parts.is_empty() && self.has_part(text)
    }

    #[inline(never)]
    fn ends_with_name(&self, hash: usize, text: &[u8]) -> bool {
        let Some(names) = self.names.get(hash % LISTS) else {
            return false;
        };
        // Most names that end with the same three letters differ in the fourth.
        let fourth = text.last_chunk::<4>().and_then(|last| {
            let [fourth, third, second, last] = last.map(|byte| LETTERS[usize::from(byte)]);
            let has_letters = fourth != 0 && third != 0 && second != 0 && last != 0;
            has_letters.then_some(fourth)
        });
        names.iter().any(|name| {
            let expected = name.letters.get(3);
            let differs = fourth.is_some_and(|fourth| expected.is_some_and(|it| *it != fourth));
            !differs && name.ends(text)
        })
    }

    #[inline(never)]
    fn has_part(&self, text: &[u8]) -> bool {
        let mut buffer = [0; LONGEST];
        let letters = buffer.iter_mut().zip(Letters { text });
        let length = letters.map(|(slot, letter)| *slot = letter).count();
        let last = buffer.get(..length).unwrap_or_default();
        !last.is_ascii()
            || self
                .parts
                .iter()
                .any(|part| last.windows(part.len()).any(|window| *window == **part))
    }
}

/// Returns the last three letters, and an `a`.
fn last_letters(end: &str) -> Option<u32> {
    let [third, second, last] = *end.as_bytes().last_chunk()?;
    let letters = u32::from_le_bytes([third, second, last, b'a']) | LOWER;
    end.is_ascii().then_some(letters)
}

/// The lower case of each ASCII letter, digits and signs as they are, and 0 for separators and for bytes that are not ASCII.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        if !is_separator(byte as char) {
            letters[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    letters
};

/// Returns whether a word may begin after `before` in `text`.
fn begins_word(before: &[u8], text: &[u8]) -> bool {
    let rest = text.get(before.len()..).unwrap_or_default();
    let starts_small = rest
        .first()
        .is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit());
    let follows_letter = before.last().is_some_and(u8::is_ascii_alphanumeric);
    if !(starts_small && follows_letter) {
        return true;
    }
    // The letter may be the end of an escape, such as `\n` or `%20`, of a color, such as `\u001b[3m`, or of an option, such as `-D`.
    match before {
        [.., b'\\', _] | [.., b'-', b'D'] => true,
        [.., digit, b'm'] => digit.is_ascii_digit() || *digit == b'[',
        [.., b'%', first, second] => first.is_ascii_hexdigit() && second.is_ascii_hexdigit(),
        [.., b'u', _, _, _, _] => true,
        _ => false,
    }
}

#[inline]
fn hash(letters: u32) -> usize {
    (letters.wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize
}

/// The letters of a text from its end on, in lower case.
struct Letters<'t> {
    text: &'t [u8],
}

impl Iterator for Letters<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            let (last, rest) = self.text.split_last()?;
            self.text = rest;
            match LETTERS[usize::from(*last)] {
                0 if last.is_ascii() => {}
                0 => return Some(*last),
                letter => return Some(letter),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn most_keys_are_rejected() {
        let ends = KeyEnds::new(&Redaction::new().secret_keys());
        for key in [
            "duration",
            "order_id",
            "trace_id",
            "status_code",
            "monkeytoken",
            "region",
            "version",
            "total",
            "user",
            "",
        ] {
            assert!(!ends.may_match(key.as_bytes()), "{key}");
        }
    }

    proptest! {
        #[test]
        fn a_key_with_a_rule_is_not_rejected(
            before in "[a-zA-Z_.\u{212a}é]{0,4}",
            name in "(api|token|session|my)[-_.]?(key|Key|KEY|id|Id|token)",
            glob in prop_oneof![Just(""), Just("*key"), Just("t*"), Just("é"), Just("*"), Just("a*o*"), Just("id")],
        ) {
            let redaction = Redaction::new().secret_keys();
            let redaction = if glob.is_empty() { redaction } else { redaction.key(glob) };
            let key = format!("{before}{name}");
            if redaction.build().key(&key).is_some() {
                prop_assert!(KeyEnds::new(&redaction).may_match(key.as_bytes()), "{}", key);
            }
        }
    }
}
