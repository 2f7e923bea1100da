//! The names of standard input, and whether it is a regular file or a pipe.

mod names;
#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

pub(crate) use self::names::{STANDARD_INPUT, is_standard_input};
#[cfg(not(unix))]
pub(crate) use self::other::is_file_or_pipe;
#[cfg(unix)]
pub(crate) use self::unix::is_file_or_pipe;
