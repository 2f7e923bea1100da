/// Characters that each secret of a form has. None of them needs an escape in JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Literal {
    /// In lower case, if case does not matter. At least three characters.
    pub(super) text: &'static str,
    pub(super) ignores_case: bool,
    /// Where its two rarest pairs of characters begin, of those at even and at odd offsets. They were counted in the documentation of this
    /// project and in the lines of 40 loggers.
    pub(super) pairs: [usize; 2],
}

impl Literal {
    pub(super) const fn new(text: &'static str, pairs: [usize; 2]) -> Self {
        Self {
            text,
            ignores_case: false,
            pairs,
        }
    }

    pub(super) const fn in_any_case(text: &'static str, pairs: [usize; 2]) -> Self {
        Self {
            text,
            ignores_case: true,
            pairs,
        }
    }

    /// Returns whether a text has the literal at a position.
    #[inline]
    pub(super) fn is_at(&self, text: &[u8], at: usize) -> bool {
        let found = text
            .get(at..)
            .and_then(|rest| rest.get(..self.text.len()))
            .unwrap_or_default();
        if self.ignores_case {
            found.eq_ignore_ascii_case(self.text.as_bytes())
        } else {
            found == self.text.as_bytes()
        }
    }
}
