//! Reads and writes the text of a `baggage` header: W3C Baggage, section 3.3.

use super::OWS;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// The maximum number of members that are read and sent: section 3.3.2.
const MAX_MEMBERS: usize = 64;

/// The maximum number of bytes of all members, including their commas.
pub(crate) const MAX_BYTES: usize = 8_192;

/// The ASCII characters that are not a `baggage-octet`. Non-ASCII characters are not one either.
const NOT_OCTET: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b',').add(b';').add(b'\\');

/// The characters that are escaped in a value. They include `%`, which starts an escape, and `=`, at which a reader may stop.
const ESCAPED: &AsciiSet = &NOT_OCTET.add(b'%').add(b'=');

/// One member of a `baggage` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) key: String,
    /// The unescaped value.
    pub(super) value: String,
    /// The properties as in the header, without the first semicolon.
    pub(super) properties: String,
    /// The whole member as it is sent.
    pub(super) text: String,
}

impl Member {
    /// Creates a member. Returns `None` if the key is invalid.
    pub(super) fn new(key: &str, value: &str, properties: &str) -> Option<Self> {
        let escaped = utf8_percent_encode(value, ESCAPED).to_string();
        Self::assemble(key, value.to_owned(), &escaped, properties)
    }

    /// Parses a member. Returns `None` if it is invalid.
    fn read(text: &str) -> Option<Self> {
        let (member, properties) = text.split_once(';').unwrap_or((text, ""));
        let (key, value) = member.split_once('=')?;
        let value = value.trim_matches(OWS);
        if !value.bytes().all(is_octet)
            || !properties
                .bytes()
                .all(|byte| is_octet(byte) || b"; \t".contains(&byte))
        {
            return None;
        }
        let decoded = percent_decode_str(value).decode_utf8_lossy().into_owned();
        Self::assemble(
            key.trim_matches(OWS),
            decoded,
            &with_valid_escapes(value),
            properties,
        )
    }

    fn assemble(key: &str, value: String, escaped: &str, properties: &str) -> Option<Self> {
        if !is_token(key) {
            return None;
        }
        let mut text = format!("{key}={escaped}");
        let end = text.len();
        for property in properties.split(';') {
            let (key, value) = match property.split_once('=') {
                Some((key, value)) => (key, Some(value.trim_matches(OWS))),
                None => (property, None),
            };
            let key = key.trim_matches(OWS);
            if is_token(key) {
                text.push(';');
                text.push_str(key);
                if let Some(value) = value {
                    text.push('=');
                    text.push_str(&with_valid_escapes(value));
                }
            }
        }
        Some(Self {
            key: key.to_owned(),
            value,
            properties: text.get(end + 1..).unwrap_or_default().to_owned(),
            text,
        })
    }
}

/// Reads the members of all `baggage` headers of a message, in order. Skips invalid members, and stops when a limit is reached.
pub(super) fn read(lines: &[&str]) -> Vec<Member> {
    let mut members = Vec::new();
    let mut left = MAX_BYTES + 1;
    for text in lines.iter().flat_map(|line| line.split(',')) {
        // The space around a member is not sent on. A member longer than a whole baggage cannot be valid, so it is not parsed.
        let text = text.trim_matches(OWS);
        let Some(rest) = left.checked_sub(text.len() + 1) else {
            break;
        };
        left = rest;
        members.extend(Member::read(text));
        if members.len() == MAX_MEMBERS {
            break;
        }
    }
    members
}

/// Writes as many whole members as the limits allow.
pub(super) fn write<'a>(members: impl IntoIterator<Item = Cow<'a, Member>>) -> String {
    let mut header = String::new();
    for member in members.into_iter().take(MAX_MEMBERS) {
        let length = header.len() + usize::from(!header.is_empty()) + member.text.len();
        if length <= MAX_BYTES {
            if !header.is_empty() {
                header.push(',');
            }
            header.push_str(&member.text);
        }
    }
    header
}

/// Returns whether the text is a token: RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_char = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_char)
}

fn is_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

/// Escapes every character that is not a `baggage-octet`, and every `%` that does not start an escape.
fn with_valid_escapes(text: &str) -> String {
    let mut valid = String::with_capacity(text.len());
    let mut parts = text.split('%');
    valid.extend(
        parts
            .next()
            .map(|part| utf8_percent_encode(part, NOT_OCTET))
            .into_iter()
            .flatten(),
    );
    for part in parts {
        let begins_escape =
            part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
        valid.push_str(if begins_escape { "%" } else { "%25" });
        valid.extend(utf8_percent_encode(part, NOT_OCTET));
    }
    valid
}
