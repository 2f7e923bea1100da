//! Whether standard input is a regular file or a pipe.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use self::other::is_file_or_pipe;
#[cfg(unix)]
pub(crate) use self::unix::is_file_or_pipe;
