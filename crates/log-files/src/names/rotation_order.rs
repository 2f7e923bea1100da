use std::cmp::Reverse;

/// The place of a closed file among the closed files of one current file. The order of an older file is less.
///
/// A file with a lower number is newer (`orders.jsonl.1` is newer than `orders.jsonl.2`), as is a file with a later time. If a file exists in
/// plain and compressed form, the compressed one is greater.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RotationOrder {
    pub(super) before_extension: MarkOrder,
    pub(super) at_end: MarkOrder,
    pub(super) is_compressed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum MarkOrder {
    /// The numbers of a time, from the year on.
    Time(Vec<u64>),
    Number(Reverse<u64>),
    Unmarked,
}

impl RotationOrder {
    /// The order of the current file, which is newer than all closed ones.
    pub const CURRENT: Self = Self {
        before_extension: MarkOrder::Unmarked,
        at_end: MarkOrder::Unmarked,
        is_compressed: true,
    };
}
