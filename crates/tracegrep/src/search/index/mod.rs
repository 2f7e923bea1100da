//! Searches compressed files by their indexes of trace ids and times, and builds these.

mod build;
mod given;
mod read;
mod write;

pub(super) use self::read::read;
pub use self::write::{Indexed, write_indexes};
