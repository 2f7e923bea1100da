/// Characters that each secret of a form has. None of them needs an escape in JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Literal {
    /// In lower case, if case does not matter. At least three characters.
    pub(super) text: &'static str,
    pub(super) ignores_case: bool,
}

impl Literal {
    pub(super) const fn new(text: &'static str) -> Self {
        Self {
            text,
            ignores_case: false,
        }
    }

    pub(super) const fn in_any_case(text: &'static str) -> Self {
        Self {
            text,
            ignores_case: true,
        }
    }

    /// Returns whether a text has the literal at a position.
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

    /// Returns the offset of the pair of characters that is the rarest in logs, of those at even or at odd offsets.
    pub(super) fn rarest_pair(&self, parity: usize) -> usize {
        let pairs = self.text.as_bytes().windows(2).enumerate();
        let pairs = pairs.filter(|(offset, _)| offset % 2 == parity);
        let frequency = |pair: &[u8]| pair.iter().map(|byte| frequency(*byte)).product::<u32>();
        pairs
            .min_by_key(|(_, pair)| frequency(pair))
            .map_or(0, |(offset, _)| offset)
    }
}

/// Returns roughly how many of a thousand bytes of a log are this one.
fn frequency(byte: u8) -> u32 {
    match byte {
        b'e' => 60,
        b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 45,
        b'd' | b'l' | b'c' | b'u' | b'm' | b'p' | b' ' => 25,
        b'_' | b'-' | b'.' | b'0'..=b'9' | b'/' => 20,
        b'f' | b'g' | b'h' | b'b' | b'y' | b'v' => 12,
        b'w' | b'k' => 6,
        _ => 2,
    }
}
