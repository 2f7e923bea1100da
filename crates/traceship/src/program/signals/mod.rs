//! Waits for a signal that asks the program to end.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use self::other::Signals;
#[cfg(unix)]
pub(crate) use self::unix::Signals;
