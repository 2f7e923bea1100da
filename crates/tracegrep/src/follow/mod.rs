//! Follows files that grow, and gives traces when they have ended.

mod contents;
mod copies;
mod file_lines;
#[allow(
    clippy::module_inception,
    reason = "the module is named after its main type"
)]
mod follow;
mod followed_file;
mod following;
mod new_lines;
mod open_traces;

pub use self::{
    follow::Follow,
    following::{Event, Following},
};
