//! Searches compressed files by their indexes of trace ids, and builds these.

mod build;
mod read;
mod write;

pub(super) use self::read::read;
pub use self::write::{Indexed, write_indexes};
