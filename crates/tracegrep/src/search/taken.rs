/// A line that was found, with the lines after it that belong to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) offset: u64,
    pub(super) raw: Vec<u8>,
    pub(super) following: Vec<Vec<u8>>,
    /// The end of the line is missing.
    pub(super) is_cut: bool,
}
