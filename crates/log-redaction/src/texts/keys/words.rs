//! Words that say something about a secret, and words that look like one.

use crate::texts::credentials;

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

/// Returns whether a value is a template, or consists of stars.
pub(super) fn is_template(value: &str) -> bool {
    contains(TEMPLATES, value) || value.bytes().all(|byte| byte == b'*')
}

/// Returns whether a word looks random, without the punctuation at its end.
pub(super) fn looks_random(word: &str) -> bool {
    credentials::looks_random(word.trim_end_matches(['.', '!', '?', ':']))
}

fn contains(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}
