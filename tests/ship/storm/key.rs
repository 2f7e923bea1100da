//! What identifies a line by its text.

use std::fmt;

/// Writer, place, incarnation of the writer and number of a line. Equal lines of one writer and place have the same key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(u64);

/// Takes the place of the incarnation in the keys of equal lines.
const EQUAL: u64 = 0xffff;

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (writer, place, number) = (self.writer(), self.place(), self.number());
        match self.is_of_equal_lines() {
            true => write!(f, "e={writer}.{place}.{number}"),
            false => write!(f, "n={writer}.{place}.{}.{number}", (self.0 >> 32) & 0xffff),
        }
    }
}

impl Key {
    /// Finds the key in a text: `n=WRITER.PLACE.INCARNATION.NUMBER;`, or `e=WRITER.PLACE.NUMBER;` in lines that are written repeatedly.
    pub(super) fn find(text: &str) -> Option<Self> {
        let starts = text.match_indices('=').map(|(at, _)| at);
        starts
            .filter(|at| *at > 0)
            .find_map(|at| Self::parse(text.get(at - 1..)?))
    }

    fn parse(text: &str) -> Option<Self> {
        let is_equal = text.starts_with("e=");
        if !is_equal && !text.starts_with("n=") {
            return None;
        }
        let (numbers, _) = text.get(2..)?.split_once(';')?;
        let mut numbers = numbers.split('.').map(str::parse::<u64>);
        let mut next = || numbers.next()?.ok();
        let (writer, place) = (next()?, next()?);
        let incarnation = if is_equal { EQUAL } else { next()? };
        let number = next()?;
        Some(Self(
            writer << 56 | place << 48 | incarnation << 32 | number,
        ))
    }

    pub(super) fn writer(self) -> u8 {
        (self.0 >> 56) as u8
    }

    pub(super) fn place(self) -> u8 {
        (self.0 >> 48) as u8
    }

    /// Whether several lines have this key.
    pub(super) fn is_of_equal_lines(self) -> bool {
        (self.0 >> 32) & 0xffff == EQUAL
    }

    pub(super) fn number(self) -> u64 {
        self.0 & 0xffff_ffff
    }

    /// Returns the same for all lines that a writer has written to a place between its start and its end.
    pub(super) fn series(self) -> u64 {
        self.0 >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_the_text_that_a_server_returns() {
        let find = |text| Key::find(text).map(|key| format!("{key:?}"));
        for (text, key) in [
            (r#"{"a":"b=c","message":"n=1.2.3.4; text"}"#, "n=1.2.3.4"),
            ("waiting e=20.1.49; as before", "e=20.1.49"),
            ("n=30.8.0.1; long xxx end=30.8.0.1;", "n=30.8.0.1"),
        ] {
            assert_eq!(find(text).as_deref(), Some(key));
        }
        assert_eq!(find("n=1.2.3; end=1.2.3.4;"), None);
    }
}
