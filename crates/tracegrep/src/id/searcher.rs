use super::anchors::Anchors;
use aho_corasick::{AhoCorasick, BuildError, Input, MatchKind, Span, packed};
use memchr::memmem;
use std::ops::Range;

/// Finds one of several texts, with one scan.
#[derive(Clone, Debug)]
pub(crate) struct Searcher(Kind);

#[derive(Clone, Debug)]
enum Kind {
    One(Box<memmem::Finder<'static>>),
    /// Looks for what the texts have in common.
    Anchors(Box<Anchors>),
    /// Compares many bytes at once ("Teddy").
    Wide(packed::Searcher),
    /// For processors without such instructions.
    Automaton(AhoCorasick),
}

impl Searcher {
    pub(crate) fn new<T: AsRef<[u8]>>(texts: &[T]) -> Result<Self, BuildError> {
        if let [text] = texts {
            let finder = memmem::Finder::new(text.as_ref()).into_owned();
            return Ok(Self(Kind::One(Box::new(finder))));
        }
        if let Some(anchors) = Anchors::of(texts) {
            return Ok(Self(Kind::Anchors(Box::new(anchors))));
        }
        Ok(Self(match packed::Searcher::new(texts) {
            Some(searcher) => Kind::Wide(searcher),
            None => {
                let builder = &mut AhoCorasick::builder();
                Kind::Automaton(builder.match_kind(MatchKind::LeftmostFirst).build(texts)?)
            }
        }))
    }

    /// Returns the index of the first text that begins at `from` or after it, and where it is. If two of the texts overlap in `text`, it may be
    /// the second one.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<(usize, Range<usize>)> {
        let from = from.min(text.len());
        let found = match &self.0 {
            Kind::One(finder) => {
                let start = from + finder.find(text.get(from..)?)?;
                return Some((0, start..start + finder.needle().len()));
            }
            Kind::Anchors(anchors) => return anchors.find(text, from),
            Kind::Wide(searcher) => {
                let (start, end) = (from, text.len());
                searcher.find_in(text, Span { start, end })?
            }
            Kind::Automaton(automaton) => {
                automaton.try_find(Input::new(text).range(from..)).ok()??
            }
        };
        Some((found.pattern().as_usize(), found.range()))
    }
}
