//! The file to which standard output is redirected.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use self::other::path;
#[cfg(unix)]
pub(crate) use self::unix::path;
