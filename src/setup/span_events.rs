//! `LOG_SPAN_EVENTS`: which moments of a span's life are lines.

use super::env::Env;
use crate::stats::{Diagnosis, Diagnostics};
use log_files::excerpt;
use tracing_subscriber::fmt::format::FmtSpan;

const WORDS: [(&str, FmtSpan); 7] = [
    ("new", FmtSpan::NEW),
    ("enter", FmtSpan::ENTER),
    ("exit", FmtSpan::EXIT),
    ("close", FmtSpan::CLOSE),
    ("active", FmtSpan::ACTIVE),
    ("full", FmtSpan::FULL),
    ("none", FmtSpan::NONE),
];

/// The value of the variable: words with commas between them, in any case.
pub(super) struct SpanEvents {
    kinds: FmtSpan,
    unknown: Vec<String>,
}

impl SpanEvents {
    pub(super) fn from_env(env: &Env<'_>) -> Option<Self> {
        Some(Self::parse(&env.text("LOG_SPAN_EVENTS")?))
    }

    fn parse(value: &str) -> Self {
        let mut parsed = Self {
            kinds: FmtSpan::NONE,
            unknown: Vec::new(),
        };
        let words = value.split(',').map(str::trim);
        for word in words.filter(|word| !word.is_empty()) {
            let known = WORDS
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(word));
            match known {
                Some((_, kind)) => parsed.kinds |= kind.clone(),
                None => parsed.unknown.push(excerpt(word)),
            }
        }
        parsed
    }

    /// Reports the words that are unknown, and returns what the others mean.
    pub(super) fn report(self, diagnostics: &Diagnostics) -> FmtSpan {
        for word in self.unknown {
            diagnostics.report(&Diagnosis::SpanEventIgnored { word });
        }
        self.kinds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_are_known_count() {
        for (value, kinds, unknown) in [
            ("close", FmtSpan::CLOSE, &[][..]),
            (" New , CLOSE,", FmtSpan::NEW | FmtSpan::CLOSE, &[]),
            ("active", FmtSpan::ENTER | FmtSpan::EXIT, &[]),
            ("enter,exit", FmtSpan::ACTIVE, &[]),
            ("full", FmtSpan::FULL, &[]),
            ("none,close", FmtSpan::CLOSE, &[]),
            ("none", FmtSpan::NONE, &[]),
            ("closed,new,all", FmtSpan::NEW, &["closed", "all"]),
            ("new close", FmtSpan::NONE, &["new close"]),
        ] {
            let parsed = SpanEvents::parse(value);
            assert_eq!(parsed.kinds, kinds, "{value}");
            assert_eq!(parsed.unknown, unknown, "{value}");
        }
    }
}
