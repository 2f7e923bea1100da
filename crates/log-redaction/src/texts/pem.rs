use super::literals::Literal;
use regex::Regex;
use std::{ops::Range, sync::LazyLock};

pub(super) const LITERALS: &[Literal] = &[Literal::new("-----BEGIN", [4, 5])];

/// The first line of a private key in PEM (RFC 7468), whatever the kind of key.
static BEGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?(?:-----)?").ok());

static END: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?(?:-----)?").ok());

/// Finds private keys. One without an end is as long as the text.
pub(super) fn find(text: &str, mut found: impl FnMut(Range<usize>)) {
    let (Some(begin), Some(end)) = (&*BEGIN, &*END) else {
        return;
    };
    let mut from = 0;
    while let Some(first) = begin.find_at(text, from) {
        let last = end.find_at(text, first.end());
        from = last.map_or(text.len(), |last| last.end());
        found(first.start()..from);
    }
}
