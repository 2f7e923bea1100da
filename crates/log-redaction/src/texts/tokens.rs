//! Tokens and keys that are known by how they begin.

use super::{credentials, literals::Literal};
use regex::Regex;
use std::{ops::Range, sync::LazyLock};

/// A kind of token.
#[derive(Debug)]
pub(super) struct Token {
    pub(super) name: &'static str,
    /// Each match has one of them.
    literals: &'static [Literal],
    /// The first group is the secret, or the whole match if there is no group. Ends never need what follows, so that a token that is cut is
    /// found too.
    regex: &'static str,
    /// Whether a match is a secret, and not only looks like one.
    accepts: fn(&str) -> bool,
}

const fn token(name: &'static str, literals: &'static [Literal], regex: &'static str) -> Token {
    Token {
        name,
        literals,
        regex,
        accepts: |_| true,
    }
}

/// All kinds. Anthropic's and OpenAI's keys differ in what follows `sk-`.
pub(super) static ALL: &[Token] = &[
    Token {
        name: "jwt",
        literals: &[Literal::new("eyJ", [0, 1])],
        regex: r"eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){0,4}",
        accepts: credentials::is_jwt,
    },
    Token {
        name: "bearer",
        literals: &[Literal::in_any_case("bearer", [0, 1])],
        regex: r"(?i-u:\bbearer)(?:\s+|%%%)([A-Za-z0-9._~+/=-]{6,})",
        accepts: credentials::is_bearer,
    },
    Token {
        name: "basic",
        literals: &[Literal::in_any_case("basic ", [4, 3])],
        regex: r"(?i-u:\bbasic)[ \t]+([A-Za-z0-9+/_=-]{6,})",
        accepts: credentials::is_basic,
    },
    token(
        "aws access key id",
        &[Literal::new("AKIA", [0, 1]), Literal::new("ASIA", [2, 1])],
        r"(?-u:\b)(?:AKIA|ASIA)[A-Z2-7]{16}(?-u:\b)",
    ),
    token(
        "github token",
        &[
            Literal::new("ghp_", [2, 1]),
            Literal::new("gho_", [2, 1]),
            Literal::new("ghu_", [2, 1]),
            Literal::new("ghs_", [0, 1]),
            Literal::new("ghr_", [0, 1]),
            Literal::new("github_pat_", [6, 5]),
        ],
        r"(?-u:\b)(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    ),
    token(
        "slack token",
        &[Literal::new("xox", [0, 1]), Literal::new("xapp-", [0, 3])],
        r"(?-u:\b)(?:xox[abceoprs]-|xapp-[0-9]-)[A-Za-z0-9-]{10,}",
    ),
    token(
        "slack webhook",
        &[Literal::new("hooks.slack.com/", [10, 3])],
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{10,})",
    ),
    token(
        "stripe key",
        &[
            Literal::new("k_live_", [0, 1]),
            Literal::new("k_test_", [0, 1]),
            Literal::new("whsec_", [4, 1]),
        ],
        r"(?-u:\b)(?:[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{20,})",
    ),
    token(
        "google key",
        &[
            Literal::new("AIza", [0, 1]),
            Literal::new("GOCSPX-", [4, 1]),
            Literal::new("ya29.", [0, 1]),
        ],
        r"(?-u:\b)(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,})",
    ),
    token(
        "gitlab token",
        &[Literal::new("glpat-", [0, 1])],
        r"(?-u:\b)glpat-[A-Za-z0-9_-]{20,}",
    ),
    token(
        "npm token",
        &[Literal::new("npm_", [2, 1])],
        r"(?-u:\b)npm_[A-Za-z0-9]{36,}",
    ),
    token(
        "pypi token",
        &[Literal::new("pypi-AgE", [6, 5])],
        r"(?-u:\b)pypi-AgE[A-Za-z0-9_-]{20,}",
    ),
    Token {
        name: "ai key",
        literals: &[Literal::new("sk-", [0, 1])],
        regex: r"(?-u:\b)sk-[A-Za-z0-9_-]{20,}",
        accepts: credentials::looks_random,
    },
    token(
        "vault token",
        &[Literal::new("hvs.", [0, 1])],
        r"(?-u:\b)hvs\.[A-Za-z0-9_-]{20,}",
    ),
    token(
        "sendgrid key",
        &[Literal::new("SG.", [0, 1])],
        r"(?-u:\b)SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}",
    ),
    token(
        "age key",
        &[Literal::new("AGE-SECRET-KEY-1", [10, 9])],
        r"(?-u:\b)AGE-SECRET-KEY-1[A-Z0-9]{20,}",
    ),
];

/// The compiled expressions of [`ALL`].
static REGEXES: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
    ALL.iter()
        .map(|token| Regex::new(token.regex).ok())
        .collect()
});

pub(super) fn literals(token: usize) -> &'static [Literal] {
    ALL.get(token).map_or(&[], |token| token.literals)
}

/// Finds the tokens of a kind, in a text in which `%%%` stands for each percent-escape.
pub(super) fn find(token: usize, text: &str, mut found: impl FnMut(Range<usize>)) {
    let (Some(token), Some(Some(regex))) = (ALL.get(token), REGEXES.get(token)) else {
        return;
    };
    let has_group = regex.captures_len() > 1;
    let mut from = 0;
    while let Some(whole) = regex.find_at(text, from) {
        let secret = if has_group {
            let captures = regex.captures_at(text, whole.start());
            captures.and_then(|captures| captures.get(1))
        } else {
            Some(whole)
        };
        let Some(secret) = secret else {
            return;
        };
        // What was taken for the secret may be the beginning of another match, as in `Bearer Bearer …`.
        from = if (token.accepts)(secret.as_str()) {
            found(secret.range());
            secret.end()
        } else if has_group {
            secret.start()
        } else {
            secret.end()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_expressions_are_valid() {
        for (token, regex) in ALL.iter().zip(&*REGEXES) {
            assert!(regex.is_some(), "{}", token.name);
        }
    }
}
