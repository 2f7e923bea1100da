//! Reads the lines of log files: which files there are, which of them have which contents, and which lines come next.

mod compare;
mod file_id;
mod followed_file;
mod follower;
mod identify;
mod line_builder;
mod look;
mod open_files;
mod waiting;

pub(crate) use self::follower::Follower;
#[cfg(test)]
pub(crate) use self::line_builder::LineBuilder;
