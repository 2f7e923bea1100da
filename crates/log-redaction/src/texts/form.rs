use super::{
    cards, emails, ips, literals::Literal, own_pattern::OwnPattern, pem, tokens,
    unescaped::without_percent_escapes, user_info,
};
use crate::{invalid_pattern::InvalidPattern, replacement::Replacement};
use std::ops::Range;

/// A rule for a form of secrets.
#[derive(Clone, Debug)]
pub(crate) struct NamedPattern {
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) replacement: Replacement,
}

/// What a secret looks like.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// One of [`tokens::ALL`].
    Token(usize),
    PrivateKey,
    UserInfo,
    Cards,
    Emails,
    Ips,
    Own(OwnPattern),
}

impl Form {
    /// Returns the forms of what gives access, with their names.
    pub(crate) fn secrets() -> impl Iterator<Item = (&'static str, Self)> {
        let tokens = tokens::ALL.iter().enumerate();
        let tokens = tokens.map(|(index, token)| (token.name, Self::Token(index)));
        let others = [
            ("private key", Self::PrivateKey),
            ("url user info", Self::UserInfo),
        ];
        tokens.chain(others)
    }

    pub(crate) fn own(regex: &str) -> Result<Self, InvalidPattern> {
        OwnPattern::new(regex).map(Self::Own)
    }

    /// Passes each secret of this form to a function. `unescaped` is the text without escapes that join words.
    pub(super) fn find(&self, text: &str, unescaped: &str, mut found: impl FnMut(Range<usize>)) {
        match self {
            Self::Token(index) => tokens::find(*index, &without_percent_escapes(unescaped), found),
            Self::PrivateKey => pem::find(text, found),
            Self::UserInfo => user_info::find(text, found),
            Self::Own(pattern) => pattern.find(text, found),
            Self::Cards => each(unescaped, cards::next, &mut found),
            Self::Emails => each(unescaped, emails::next, &mut found),
            Self::Ips => each(unescaped, ips::next, &mut found),
        }
    }

    /// Returns the literals of which each secret of this form has one. `None` if the form has none.
    pub(super) fn literals(&self) -> &'static [Literal] {
        match self {
            Self::Token(index) => tokens::literals(*index),
            Self::PrivateKey => pem::LITERALS,
            _ => &[],
        }
    }
}

fn each(
    text: &str,
    next: impl Fn(&[u8], usize) -> Option<Range<usize>>,
    found: &mut impl FnMut(Range<usize>),
) {
    let mut from = 0;
    while let Some(range) = next(text.as_bytes(), from) {
        from = range.end;
        found(range);
    }
}
