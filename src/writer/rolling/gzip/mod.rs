//! Compression of closed files, with the feature `gzip`.

#[cfg(not(feature = "gzip"))]
mod disabled;
#[cfg(feature = "gzip")]
mod enabled;
#[cfg(feature = "gzip")]
mod members;

#[cfg(not(feature = "gzip"))]
pub(super) use self::disabled::{compress, remove_orphans};
#[cfg(feature = "gzip")]
pub(super) use self::enabled::{compress, remove_orphans};
