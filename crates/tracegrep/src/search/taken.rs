/// A line that was found, with the lines after it that belong to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) offset: u64,
    pub(crate) raw: Vec<u8>,
    pub(crate) following: Vec<Vec<u8>>,
    /// How many more lines belong to it, and are not kept.
    pub(crate) left_out: usize,
    /// The end of the line is missing.
    pub(crate) is_cut: bool,
}
