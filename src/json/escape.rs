//! The only place that escapes text for a JSON string.
//!
//! Logged text may come from an attacker (a header, a file name). Unescaped, it could end the string and add members, end the
//! line and forge another one, or send control sequences to the terminal that shows the log (RUSTSEC-2025-0055). RFC 8259,
//! section 7 requires escapes for `"`, `\` and U+0000 to U+001F. This module also escapes:
//!
//! - DEL and the C1 controls U+0080 to U+009F: a terminal reads U+009B as the start of an escape sequence;
//! - the bidirectional controls U+202A to U+202E and U+2066 to U+2069: they make a line look different from what it says
//!   (CVE-2021-42574, "Trojan Source").

use super::{
    copies::{BLOCK, WORD, push_first, push_overlapping},
    hex::hex_pair,
};
use std::fmt;

/// The first UTF-8 byte of U+0080 to U+00BF. Half of these are controls.
const C1_LEAD: u8 = 0xc2;

/// The first UTF-8 byte of U+2000 to U+2FFF. Some of these change the direction of text.
const BIDI_LEAD: u8 = 0xe2;

/// The one bit in which the two lead bytes differ. A byte with this bit set equals [`BIDI_LEAD`] exactly if the byte is one of the
/// two, so one comparison finds both.
const LEADS_DIFFER: u8 = C1_LEAD ^ BIDI_LEAD;

/// Appends `text`, escaped for the inside of a JSON string, without the quotes.
///
/// Plain text of up to 32 bytes is copied as two pieces that overlap, one from each end (see [`copies`](super::copies)).
#[inline]
pub(crate) fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let length = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        if is_plain(first) && is_plain(last) {
            if length <= 2 * BLOCK {
                return push_overlapping(out, first, last, length);
            }
            let (blocks, _) = bytes.as_chunks();
            if blocks.iter().all(is_plain) {
                return out.extend_from_slice(bytes);
            }
        }
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<WORD>(), bytes.last_chunk()) {
        let mut block = [0; BLOCK];
        block[..WORD].copy_from_slice(first);
        block[WORD..].copy_from_slice(last);
        if is_plain(&block) {
            return push_overlapping(out, first, last, length);
        }
    } else {
        let word = padded_word(bytes);
        if special(word) == 0 {
            return push_first(out, word, length);
        }
    }
    push_with_escapes(out, bytes);
}

/// Returns text of less than eight bytes as a word, padded with spaces.
#[inline]
fn padded_word(bytes: &[u8]) -> u64 {
    const SPACES: u64 = u64::from_ne_bytes([b' '; WORD]);
    let word = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            u64::from(first) | u64::from(last) << (8 * (bytes.len() - size_of::<u32>()))
        }
        _ => match *bytes {
            [a, b, c] => u32::from_le_bytes([a, b, c, 0]).into(),
            [a, b] => u16::from_le_bytes([a, b]).into(),
            [a] => a.into(),
            _ => 0,
        },
    };
    word | SPACES << (8 * bytes.len())
}

/// Appends `text` as a JSON string, with the quotes.
#[inline]
pub(crate) fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text);
    out.push(b'"');
}

/// A writer for `Display` and `Debug` that escapes each piece of text as it arrives, up to a limit.
///
/// Text after `limit` bytes is discarded: the line would be cut anyway, and a value of a gigabyte must not need a buffer of a
/// gigabyte. The formatter sees no error, since user code may not expect its writer to fail.
pub(crate) struct Escaped<'a> {
    out: &'a mut Vec<u8>,
    end: usize,
}

impl<'a> Escaped<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, limit: usize) -> Self {
        let end = out.len().saturating_add(limit);
        Self { out, end }
    }
}

impl fmt::Write for Escaped<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.out.len() <= self.end {
            push_escaped(self.out, text);
        }
        Ok(())
    }
}

/// What to write for each byte: 0 for the byte itself, the letter of a short escape, `u` for `\u00..`, or [`LEAD`].
const ESCAPES: [u8; 256] = {
    let mut escapes = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        escapes[byte] = b'u';
        byte += 1;
    }
    escapes[0x7f] = b'u';
    escapes[b'\n' as usize] = b'n';
    escapes[b'\r' as usize] = b'r';
    escapes[b'\t' as usize] = b't';
    escapes[0x08] = b'b';
    escapes[0x0c] = b'f';
    escapes[b'"' as usize] = b'"';
    escapes[b'\\' as usize] = b'\\';
    escapes[C1_LEAD as usize] = LEAD;
    escapes[BIDI_LEAD as usize] = LEAD;
    escapes
};

/// Marks [`C1_LEAD`] and [`BIDI_LEAD`] in [`ESCAPES`]: whether they need an escape depends on the bytes that follow.
const LEAD: u8 = b'?';

/// Returns whether no byte needs an escape or a closer look. Has no comparison of bytes, so that the compiler looks at all of them at once.
#[inline(always)]
fn is_plain(block: &[u8; BLOCK]) -> bool {
    let mut marks = [0; BLOCK];
    for (mark, byte) in marks.iter_mut().zip(*block) {
        let is_zero = (byte & !0x1f) // A control, if this is zero.
            .min(byte ^ b'"')
            .min(byte ^ b'\\')
            .min(byte ^ 0x7f)
            .min((byte | LEADS_DIFFER) ^ BIDI_LEAD);
        *mark = 1_u8.saturating_sub(is_zero);
    }
    u128::from_ne_bytes(marks) == 0
}

/// Returns zero if no byte of the word is special. Otherwise, the lowest bit set is the highest bit of the first special byte
/// (Sean Eron Anderson, "Bit Twiddling Hacks": a byte less than n, a zero byte).
#[inline]
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; WORD]);
    const HIGH: u64 = ONES << 7;
    let all = |byte: u8| ONES * u64::from(byte);
    let is_zero = |word: u64| word.wrapping_sub(ONES) & !word;
    // With this bit flipped, the quote comes right after the controls, and no other byte does.
    let flipped = word ^ all(b'"' ^ 0x20);
    let control_or_quote = flipped.wrapping_sub(all(0x21)) & !word;
    let backslash = is_zero(word ^ all(b'\\'));
    let lead = is_zero((word | all(LEADS_DIFFER)) ^ all(BIDI_LEAD));
    // No byte of UTF-8 is 0xff.
    let delete = (word & !HIGH) + ONES;
    (control_or_quote | backslash | lead | delete) & HIGH
}

/// Appends a word at a time and removes the bytes that need an escape.
#[inline(never)]
fn push_with_escapes(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (word, length) = match rest.first_chunk() {
            Some(word) => (u64::from_le_bytes(*word), WORD),
            None => (padded_word(rest), rest.len()),
        };
        let special = special(word);
        if special == 0 {
            push_first(out, word, length);
            rest = &rest[length..];
        } else {
            let at = special.trailing_zeros() as usize / 8;
            push_first(out, word, at);
            rest = push_special(out, &rest[at..]);
        }
    }
}

/// Appends the first byte, or the character that it starts, with an escape if needed. Returns the bytes after it.
#[inline]
fn push_special<'b>(out: &mut Vec<u8>, bytes: &'b [u8]) -> &'b [u8] {
    let byte = bytes[0];
    match (ESCAPES[usize::from(byte)], bytes) {
        (LEAD, [C1_LEAD, code @ 0x80..=0x9f, rest @ ..]) => {
            out.extend_from_slice(&unicode(0, *code));
            rest
        }
        // U+202A to U+202E.
        (LEAD, [BIDI_LEAD, 0x80, last @ 0xaa..=0xae, rest @ ..]) => {
            out.extend_from_slice(&unicode(0x20, last - 0x80));
            rest
        }
        // U+2066 to U+2069.
        (LEAD, [BIDI_LEAD, 0x81, last @ 0xa6..=0xa9, rest @ ..]) => {
            out.extend_from_slice(&unicode(0x20, last - 0x40));
            rest
        }
        (LEAD, _) => {
            out.push(byte);
            &bytes[1..]
        }
        (b'u', _) => {
            out.extend_from_slice(&unicode(0, byte));
            &bytes[1..]
        }
        (letter, _) => {
            out.extend_from_slice(&[b'\\', letter]);
            &bytes[1..]
        }
    }
}

fn unicode(page: u8, code: u8) -> [u8; 6] {
    let ([first, second], [third, fourth]) = (hex_pair(page), hex_pair(code));
    [b'\\', b'u', first, second, third, fourth]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        push_string(&mut out, text);
        String::from_utf8(out).expect("escaped text is UTF-8")
    }

    #[test]
    fn every_control_character_is_escaped_and_reads_back() {
        for control in (0..0x100)
            .filter_map(char::from_u32)
            .filter(|c| c.is_control())
        {
            for filler in [
                "",
                "a",
                "0123456",
                "0123456789abcde",
                "é and 0123456789abcdef",
            ] {
                let text = format!("{filler}{control}{filler}");
                let json = escaped(&text);
                assert!(!json.chars().any(char::is_control), "{json:?}");
                assert_eq!(serde_json::from_str::<String>(&json).expect("valid"), text);
            }
        }
    }

    #[test]
    fn bidirectional_controls_are_escaped_and_their_neighbours_are_not() {
        for code in (0x2000..0x2100_u32).chain([0xa2, 0x2aaa]) {
            let character = char::from_u32(code).expect("not a surrogate");
            let is_control = matches!(code, 0x202a..=0x202e | 0x2066..=0x2069);
            for filler in [
                "",
                "a",
                "0123456",
                "0123456789abcde",
                "€ and … 0123456789abcdef",
            ] {
                let text = format!("{filler}{character}{filler}");
                let json = escaped(&text);
                let escape = format!("\\u{code:04x}");
                assert_eq!(json.contains(&escape), is_control, "{json}");
                assert_eq!(json.contains(character), !is_control, "{json}");
                assert_eq!(serde_json::from_str::<String>(&json).expect("valid"), text);
            }
        }
    }

    #[test]
    fn text_after_the_limit_is_discarded_without_an_error() {
        let mut out = Vec::new();
        let mut escaped = Escaped::new(&mut out, 4);
        for _ in 0..1_000 {
            escaped.write_str("abc").expect("never fails");
        }
        assert_eq!(out, b"abcabc");
    }

    proptest! {
        #[test]
        fn any_text_reads_back_unchanged(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&escaped(&text)).expect("valid"), text);
        }

        #[test]
        fn a_special_byte_is_escaped_at_any_position(
            before in "[a-z]{0,40}",
            special in prop_oneof![Just('"'), Just('\\'), Just('\n'), Just('\u{1b}'), Just('\u{9b}'), Just('\u{7f}'), Just('\u{202e}')],
            after in "[a-zé©€…]{0,40}",
        ) {
            let text = format!("{before}{special}{after}");
            let json = escaped(&text);
            let is_raw = |c: char| c.is_control() || c == '\u{202e}';
            prop_assert!(!json.contains(is_raw));
            prop_assert_eq!(serde_json::from_str::<String>(&json).expect("valid"), text);
        }
    }
}
