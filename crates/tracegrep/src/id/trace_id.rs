use log_files::trace_index::TraceKey;
use std::fmt;

/// A trace id, which prints as 32 hexadecimal digits in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId(u128);

impl TraceId {
    /// Returns `None` for zero, which is not a valid id.
    #[must_use]
    pub fn new(number: u128) -> Option<Self> {
        (number != 0).then_some(Self(number))
    }

    /// Parses up to 32 hexadecimal digits. Missing digits are zeros at the front.
    #[must_use]
    pub fn from_hex(digits: &str) -> Option<Self> {
        // `from_str_radix` accepts a sign.
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u128::from_str_radix(digits, 16).ok()?;
        is_hex.then(|| Self::new(number))?
    }

    /// The lower 64 bits, which are all that Datadog has of an id.
    pub(crate) fn lower(self) -> u64 {
        let [_, _, _, _, _, _, _, _, lower @ ..] = self.0.to_be_bytes();
        u64::from_be_bytes(lower)
    }

    /// The key by which an index finds the id, if it finds all its forms.
    pub(crate) fn key(self) -> Option<TraceKey> {
        TraceKey::of(self.0)
    }

    /// Whether only the lower 64 bits are known.
    pub(crate) fn is_short(self) -> bool {
        self.0 >> 64 == 0
    }

    /// Whether two ids can be of the same trace: they are equal, or equal as far as they are known.
    pub(crate) fn agrees_with(self, other: Self) -> bool {
        let is_short = self.is_short() || other.is_short();
        self == other || (is_short && self.lower() == other.lower())
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_as_32_digits_and_zero_is_no_id() {
        let id = TraceId::from_hex("A3CE929D0E0E4736").expect("an id");
        assert_eq!(id.to_string(), "0000000000000000a3ce929d0e0e4736");
        for none in ["", "0", "+1", "x", "00000000000000000000000000000000"] {
            assert_eq!(TraceId::from_hex(none), None, "{none}");
        }
    }

    #[test]
    fn a_short_id_agrees_with_each_id_of_the_same_lower_half() {
        let id = |digits| TraceId::from_hex(digits).expect("an id");
        let whole = id("4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(whole.agrees_with(id("a3ce929d0e0e4736")));
        assert!(!whole.agrees_with(id("5bf92f3577b34da6a3ce929d0e0e4736")));
    }
}
