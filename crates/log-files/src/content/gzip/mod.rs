//! Decompresses gzip, with the feature `gzip`.

#[cfg(not(feature = "gzip"))]
mod disabled;
#[cfg(feature = "gzip")]
mod enabled;
#[cfg(feature = "gzip")]
mod header;

#[cfg(not(feature = "gzip"))]
pub(super) use self::disabled::{decoder, original};
#[cfg(feature = "gzip")]
pub(super) use self::enabled::{decoder, original};
