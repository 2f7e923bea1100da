//! The identity of a file, which does not change with its name.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub use self::other::{Identity, is_removed};
#[cfg(unix)]
pub use self::unix::{Identity, is_removed};
