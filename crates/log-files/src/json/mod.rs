//! The text of a JSON object, without building values.

mod cut;
mod plain;
mod scan;

pub use self::{
    cut::{Cut, cut},
    scan::{Entry, Malformed, Scan, entries, string_end, value_end},
};

#[cfg(any(feature = "read", feature = "trace-index"))]
pub(crate) use self::plain::plain_length;
