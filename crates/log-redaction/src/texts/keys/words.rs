//! Words that say something about a secret, and words that look like one.

use crate::{replacement::REDACTED, texts::credentials, url};

/// Values that say something about a secret.
const NO_SECRETS: &[&str] = &[
    "true",
    "false",
    "null",
    "none",
    "nil",
    "undefined",
    "nan",
    "unset",
    "empty",
    "missing",
    "required",
    "optional",
    "invalid",
    "valid",
    "expired",
    "expires",
    "expiring",
    "closed",
    "opened",
    "open",
    "ok",
    "yes",
    "no",
    "on",
    "off",
    "failed",
    "failure",
    "success",
    "succeeded",
    "denied",
    "rejected",
    "accepted",
    "revoked",
    "refreshed",
    "renewed",
    "rotated",
    "disabled",
    "enabled",
    "unknown",
    "hidden",
    "masked",
    "redacted",
    "filtered",
    "changed",
    "unchanged",
    "updated",
    "created",
    "deleted",
    "removed",
    "not",
    "must",
    "is",
    "was",
    "expected",
    "unexpected",
    "mismatch",
    "timeout",
    "started",
    "ended",
    "active",
    "inactive",
    "present",
    "absent",
    "string",
    "str",
    "default",
    "set",
    "n/a",
    "basic",
    "bearer",
];

/// Values that are no secrets even directly after a key, as in `token=expired`.
const STATES: &[&str] = &[
    "expired", "missing", "invalid", "unknown", "revoked", "required", "changed", "none", "null",
];

/// Words before a key that make it a part of speech of a parser, or of a complaint.
const COMPLAINTS: &[&str] = &[
    "unexpected",
    "expected",
    "invalid",
    "unknown",
    "illegal",
    "unrecognized",
    "unrecognised",
    "missing",
    "next",
    "previous",
    "found",
    "got",
    "bad",
    "malformed",
    "unsupported",
    "current",
];

/// Texts in which a value is only a place, or hidden already.
const TEMPLATES: &[&str] = &[
    "{}",
    "{:?}",
    "%s",
    "%v",
    "%d",
    "?",
    "<redacted>",
    "[filtered]",
    "[hidden]",
    "...",
];

pub(super) fn says_no_secret(word: &str) -> bool {
    contains(NO_SECRETS, word)
}

pub(super) fn is_complaint(word: &str) -> bool {
    contains(COMPLAINTS, word)
}

/// Returns whether a value directly after its key says something about the secret.
pub(super) fn is_state(word: &str) -> bool {
    contains(STATES, word)
}

/// Returns whether a value is a template, or consists of stars.
pub(super) fn is_template(value: &str) -> bool {
    contains(TEMPLATES, value) || value.bytes().all(|byte| byte == b'*') || is_variable(value)
}

/// Returns whether a value with brackets is hidden already, as in `SecretBox<str>([REDACTED])`.
pub(super) fn is_hidden(value: &str) -> bool {
    value.ends_with("([REDACTED])")
}

/// Returns whether a value is a variable of a shell, such as `$TOKEN` or `${TOKEN}`, whose last bracket may be missing.
fn is_variable(value: &str) -> bool {
    let Some(variable) = value.strip_prefix('$') else {
        return false;
    };
    let name = variable.strip_prefix('{').unwrap_or(variable);
    let name = name.strip_suffix('}').unwrap_or(name);
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && name.bytes().all(is_part)
}

/// Returns whether a value is a name in camel case, as `Debug` writes the kind of a token.
pub(super) fn is_name(value: &str) -> bool {
    value.starts_with(|first: char| first.is_ascii_uppercase())
        && value.contains(|character: char| character.is_ascii_lowercase())
        && value.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !looks_random(value)
}

/// Returns whether a value is such a name in `Some(…)`.
pub(super) fn is_variant(value: &str) -> bool {
    let inside = value.strip_prefix("Some(");
    inside
        .and_then(|inside| inside.strip_suffix(')'))
        .is_some_and(is_name)
}

/// Returns whether a word looks random, without the punctuation at its end.
pub(super) fn looks_random(word: &str) -> bool {
    credentials::looks_random(word.trim_end_matches(['.', '!', '?', ':']))
}

fn contains(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Returns whether a text starts with what stands in place of a secret.
pub(super) fn starts_replaced(text: &str) -> bool {
    [REDACTED, url::REDACTED].iter().any(|word| {
        let rest = text.strip_prefix(word);
        rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

/// Returns whether nothing follows a word in its clause.
pub(super) fn is_last_word(after: &str) -> bool {
    let ends = |next: char| matches!(next, ',' | ';' | '&' | '\n' | '\r' | '"' | '\'' | '\\');
    let closes = |next: char| matches!(next, '}' | ')' | ']');
    // `Debug` has a space before the closing brace.
    after.is_empty() || after.starts_with(ends) || after.trim_start_matches(' ').starts_with(closes)
}
