//! Names of log files, and of the files to which they are rotated.
//!
//! A writer or a tool such as `logrotate` renames a *current* file, for example `orders.jsonl`, to a *closed* file, which has a mark in its
//! name: a number (`orders.jsonl.1`) or a time (`orders-20261128.jsonl`). It may compress the closed file (`orders.jsonl.1.gz`).

mod compression;
mod mark;
mod rotated_name;
mod rotation_order;
mod temporary;

pub(crate) use self::temporary::is_unfinished;
pub use self::{
    compression::Compression, rotated_name::RotatedName, rotation_order::RotationOrder,
    temporary::is_temporary,
};
