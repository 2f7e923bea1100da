use crate::{prepared::Prepared, replace::is_replaced, replacement::Replacement};
use std::ops::Range;

/// The secrets that were found in a text.
#[derive(Debug)]
pub(super) struct Hits<'t> {
    text: &'t str,
    hits: Vec<Hit>,
}

#[derive(Debug)]
struct Hit {
    range: Range<usize>,
    rule: usize,
    replacement: Replacement,
    /// The quotes that the replacement needs. They are elsewhere in the text.
    quotes: Range<usize>,
}

impl<'t> Hits<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            hits: Vec::new(),
        }
    }

    /// Adds a secret, unless it is empty or replaced already.
    pub(super) fn push(&mut self, range: Range<usize>, rule: usize, replacement: Replacement) {
        self.push_with_quotes(range, rule, replacement, 0..0);
    }

    /// Adds a secret without quotes in a place where JSON may need them.
    pub(super) fn push_with_quotes(
        &mut self,
        range: Range<usize>,
        rule: usize,
        replacement: Replacement,
        quotes: Range<usize>,
    ) {
        let secret = self.text.get(range.clone()).unwrap_or_default();
        if !secret.is_empty() && !is_replaced(secret) {
            self.hits.push(Hit {
                range,
                rule,
                replacement,
                quotes,
            });
        }
    }

    /// Returns the text without the secrets. Those that overlap are replaced as one, by the rule of the first.
    pub(super) fn replaced(mut self, rules: &Prepared) -> Option<String> {
        // The sort is stable, so of the secrets with the same beginning, the one that was found first counts.
        self.hits.sort_by_key(|hit| hit.range.start);
        let mut hits = self.hits.into_iter().peekable();
        hits.peek()?;
        let mut out = String::with_capacity(self.text.len());
        let mut copied = 0;
        while let Some(mut hit) = hits.next() {
            while let Some(next) = hits.next_if(|next| next.range.start < hit.range.end) {
                hit.range.end = hit.range.end.max(next.range.end);
            }
            out.push_str(self.text.get(copied..hit.range.start)?);
            let secret = self.text.get(hit.range.clone())?;
            rules.count(hit.rule);
            let quotes = self.text.get(hit.quotes)?;
            match rules.replacement_of(hit.replacement, secret) {
                Some(replaced) => out.extend([quotes, &replaced, quotes]),
                None if quotes.is_empty() => {}
                None => out.push_str("null"),
            }
            copied = hit.range.end;
        }
        out.push_str(self.text.get(copied..)?);
        Some(out)
    }
}
