/// Returns whether a condition holds for all bytes of a short text. There is no early end, so that the compiler checks many bytes at once.
#[inline]
pub fn all_bytes(text: &[u8], holds: impl Fn(u8) -> bool) -> bool {
    text.iter().fold(true, |all, byte| all & holds(*byte))
}
