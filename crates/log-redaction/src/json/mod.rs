//! JSON values whose secrets are replaced, and whose other bytes stay the same.

mod container;
mod fixed_keys;
mod pairs;
mod strings;
mod tokens;
mod walk;

pub(crate) use self::walk::{Walk, Walked};
