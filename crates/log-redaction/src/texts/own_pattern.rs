use crate::invalid_pattern::InvalidPattern;
use regex::{Regex, RegexBuilder};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use std::ops::Range;

/// The largest size of a compiled expression.
const SIZE_LIMIT: usize = 1 << 20;

/// An expression of the user.
#[derive(Clone, Debug)]
pub(crate) struct OwnPattern {
    regex: Regex,
    literals: Option<Vec<String>>,
}

impl OwnPattern {
    pub(super) fn new(regex: &str) -> Result<Self, InvalidPattern> {
        let compiled = RegexBuilder::new(regex)
            .size_limit(SIZE_LIMIT)
            .build()
            .map_err(InvalidPattern::new)?;
        if compiled.is_match("") {
            return Err(InvalidPattern::matches_nothing());
        }
        let literals =
            literals(regex, ExtractKind::Prefix).or_else(|| literals(regex, ExtractKind::Suffix));
        Ok(Self {
            regex: compiled,
            literals,
        })
    }

    /// Returns the literals of which each match has one. None of them needs an escape in JSON. `None` if there are no such literals.
    pub(super) fn literals(&self) -> Option<&[String]> {
        self.literals.as_deref()
    }

    /// Passes the first group of each match to a function, or the match if the expression has no group.
    pub(super) fn find(&self, text: &str, mut found: impl FnMut(Range<usize>)) {
        if self.regex.captures_len() == 1 {
            self.regex
                .find_iter(text)
                .for_each(|whole| found(whole.range()));
            return;
        }
        for captures in self.regex.captures_iter(text) {
            if let Some(secret) = captures.get(1) {
                found(secret.range());
            }
        }
    }
}

/// Returns what matches begin or end with, up to where JSON might escape it.
fn literals(regex: &str, kind: ExtractKind) -> Option<Vec<String>> {
    let is_escaped =
        |character: char| !matches!(character, ' '..='~') || character == '"' || character == '\\';
    let hir = regex_syntax::parse(regex).ok()?;
    let literals = Extractor::new().kind(kind.clone()).extract(&hir);
    let plain = literals.literals()?.iter().map(|literal| {
        let text = str::from_utf8(literal.as_bytes()).ok()?;
        let part = match kind {
            ExtractKind::Suffix => text.rsplit(is_escaped).next(),
            _ => text.split(is_escaped).next(),
        };
        part.filter(|part| part.len() >= 2).map(str::to_owned)
    });
    let plain = plain.collect::<Option<Vec<_>>>()?;
    (!plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_stop_where_json_might_escape() {
        let of = |regex| OwnPattern::new(regex).expect("valid").literals;
        let some =
            |literals: &[&str]| Some(literals.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(of(r"ID-\d+"), some(&["ID-"]));
        assert_eq!(of(r"\d+ EUR"), some(&[" EUR"]));
        assert_eq!(of(r#"ab"c"#), some(&["ab"]));
        assert_eq!(of(r"\d+"), None);
        assert_eq!(of(r"é1"), None);
    }
}
