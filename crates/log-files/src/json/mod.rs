//! The text of a JSON object, without building values.

mod scan;

pub use self::scan::{Entry, Malformed, Scan, entries, value_end};
