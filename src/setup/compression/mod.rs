//! Compresses the closed files of the log file, if the feature `gzip` is on.

#[cfg(not(feature = "gzip"))]
mod disabled;
#[cfg(feature = "gzip")]
mod enabled;

#[cfg(not(feature = "gzip"))]
pub(super) use self::disabled::{compressed, from_env};
#[cfg(feature = "gzip")]
pub(super) use self::enabled::{compressed, from_env};
