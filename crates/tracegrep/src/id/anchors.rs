use memchr::memmem;
use std::ops::Range;

/// So much text is searched for one anchor, and then for the next one, while it is in the nearest cache.
const WINDOW_BYTES: usize = 32 << 10;

/// Shorter anchors are too frequent.
const MIN_DIGITS: usize = 3;

/// With more anchors, a search for all texts at once is as fast.
const MAX_ANCHORS: usize = 2;

/// Finds one of several texts by at most two runs of decimal digits, one of which is in each text. For the forms of an id this is faster than
/// a search for all of them: a run of digits is the same in upper case, and in a form with dashes.
#[derive(Clone, Debug)]
pub(super) struct Anchors(Vec<Anchor>);

#[derive(Clone, Debug)]
struct Anchor {
    digits: memmem::Finder<'static>,
    texts: Vec<Text>,
}

/// A text that contains the digits of an anchor.
#[derive(Clone, Debug)]
struct Text {
    index: usize,
    text: Vec<u8>,
    /// Where the digits are in it.
    offset: usize,
}

impl Anchors {
    /// Returns `None` if the texts do not have enough in common.
    pub(super) fn of<T: AsRef<[u8]>>(texts: &[T]) -> Option<Self> {
        let mut missing: Vec<(usize, &[u8])> =
            texts.iter().map(AsRef::as_ref).enumerate().collect();
        let mut anchors = Vec::new();
        while !missing.is_empty() {
            if anchors.len() == MAX_ANCHORS {
                return None;
            }
            let runs = missing.iter().flat_map(|(_, text)| runs(text));
            let digits = runs.max_by_key(|run| {
                let having = missing
                    .iter()
                    .filter(|(_, text)| memmem::find(text, run).is_some());
                (having.count(), run.len())
            })?;
            let finder = memmem::Finder::new(digits);
            let (having, others) = missing
                .into_iter()
                .map(|(index, text)| (index, text, finder.find(text)))
                .partition::<Vec<_>, _>(|(.., offset)| offset.is_some());
            missing = others
                .into_iter()
                .map(|(index, text, _)| (index, text))
                .collect();
            let texts = having.into_iter().filter_map(|(index, text, offset)| {
                Some(Text {
                    index,
                    text: text.to_vec(),
                    offset: offset?,
                })
            });
            anchors.push(Anchor {
                texts: texts.collect(),
                digits: finder.into_owned(),
            });
        }
        Some(Self(anchors))
    }

    /// Returns the index of a text that begins at `from` or after it, and where it is. It is the first one, unless two overlap.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<(usize, Range<usize>)> {
        let mut at = from;
        while at < text.len() {
            let end = text.len().min(at + WINDOW_BYTES);
            let found = self
                .0
                .iter()
                .filter_map(|anchor| anchor.find(text, from, at..end));
            if let Some(first) = found.min_by_key(|(_, range)| range.start) {
                return Some(first);
            }
            at = end;
        }
        None
    }
}

impl Anchor {
    /// Returns a text that begins at `from` or after it, and whose digits begin in a window.
    fn find(
        &self,
        text: &[u8],
        from: usize,
        window: Range<usize>,
    ) -> Option<(usize, Range<usize>)> {
        let mut at = window.start;
        let end = text.len().min(window.end + self.digits.needle().len() - 1);
        loop {
            let digits = at + self.digits.find(text.get(at..end)?)?;
            let texts = self.texts.iter().filter_map(|one| {
                let start = digits
                    .checked_sub(one.offset)
                    .filter(|start| *start >= from)?;
                let is_here = text.get(start..)?.starts_with(&one.text);
                is_here.then(|| (one.index, start..start + one.text.len()))
            });
            let first = texts.min_by_key(|(_, range)| range.start);
            if first.is_some() {
                return first;
            }
            at = digits + 1;
        }
    }
}

/// The runs of decimal digits in a text that are long enough.
fn runs(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !byte.is_ascii_digit())
        .filter(|run| run.len() >= MIN_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 4] = [
        "a3ce929d0e0e4736",
        "A3CE929D0E0E4736",
        "a3ce-929d0e0e4736",
        "118035328",
    ];

    #[test]
    fn the_forms_of_an_id_have_two_anchors() {
        let anchors = Anchors::of(&TEXTS).expect("they have digits in common");
        let digits: Vec<&[u8]> = anchors
            .0
            .iter()
            .map(|anchor| anchor.digits.needle())
            .collect();
        assert_eq!(digits, [&b"4736"[..], b"118035328"]);
        let texts: Vec<usize> = anchors.0.iter().map(|anchor| anchor.texts.len()).collect();
        assert_eq!(texts, [3, 1]);
    }

    #[test]
    fn texts_without_digits_in_common_have_no_anchors() {
        assert!(Anchors::of(&["4bf92f35", "4BF92F35"]).is_none());
        assert!(Anchors::of(&["a123", "b456", "c789"]).is_none());
    }

    proptest::proptest! {
        #[test]
        fn the_same_texts_are_found_as_one_by_one(
            pieces in proptest::collection::vec((0_usize..9, 0_usize..6_000), 0..12),
            from in 0_usize..20_000,
        ) {
            let between = ["4736", "929d", "118035", "x", " "];
            let all: Vec<&str> = TEXTS.into_iter().chain(between).collect();
            let text: String = pieces.iter().map(|(piece, padding)| format!("{}{}", all[*piece], " ".repeat(*padding))).collect();
            let first = TEXTS.iter().enumerate().filter_map(|(index, one)| {
                let start = from + text.get(from..)?.find(one)?;
                Some((index, start..start + one.len()))
            }).min_by_key(|(_, range)| range.start);
            let anchors = Anchors::of(&TEXTS).expect("they have digits in common");
            proptest::prop_assert_eq!(anchors.find(text.as_bytes(), from), first);
        }
    }
}
