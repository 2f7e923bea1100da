//! Reads the lines of log files: finds the files, identifies their contents, and decides which lines to read next.

mod compare;
mod copies;
mod file_id;
mod followed_file;
mod follower;
mod identify;
mod line_builder;
mod look;
mod open_files;
mod recognize;
mod waiting;

pub(crate) use self::follower::Follower;
#[cfg(test)]
pub(crate) use self::line_builder::LineBuilder;
