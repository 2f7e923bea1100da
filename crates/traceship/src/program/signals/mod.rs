//! Waits for signals that ask the program to end or to reload.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use self::other::Signals;
#[cfg(unix)]
pub(crate) use self::unix::Signals;
