/// Decimal numbers with fewer digits are not indexed.
const MIN_DECIMAL: u64 = 10_000_000_000_000_000;

/// The part of a trace id by which an index finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceKey(pub(super) u64);

impl TraceKey {
    /// Returns the key of an id, or `None` if a line can have the id in a form that is not indexed.
    ///
    /// If the upper 64 bits are zero, a line can have the lower ones as 16 hexadecimal digits. If the lower ones are small, a line can have
    /// them as a decimal number of a few digits.
    #[must_use]
    pub fn of(id: u128) -> Option<Self> {
        let [upper @ .., _, _, _, _, _, _, _, _] = id.to_be_bytes();
        let [_, _, _, _, _, _, _, _, lower @ ..] = id.to_be_bytes();
        let lower = u64::from_be_bytes(lower);
        (upper != [0; 8] && lower >= MIN_DECIMAL).then_some(Self(lower))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_that_is_indexed_in_all_its_forms_has_a_key() {
        let id = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
        assert_eq!(TraceKey::of(id), Some(TraceKey(0xa3ce_929d_0e0e_4736)));
        assert_eq!(TraceKey::of(0xa3ce_929d_0e0e_4736), None);
        assert_eq!(TraceKey::of((1 << 64) + u128::from(MIN_DECIMAL) - 1), None);
    }
}
