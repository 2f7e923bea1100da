//! Whether a path is that of a pipe.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(super) use self::other::is_pipe;
#[cfg(unix)]
pub(super) use self::unix::is_pipe;
