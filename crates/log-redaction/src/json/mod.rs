//! JSON values whose secrets are replaced, and whose other bytes stay the same.

mod fixed_keys;
mod strings;
mod walk;

pub(crate) use self::walk::{Walk, Walked};
