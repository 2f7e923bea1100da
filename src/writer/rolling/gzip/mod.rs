//! Compression of closed files, with the feature `gzip`.

#[cfg(not(feature = "gzip"))]
mod disabled;
#[cfg(feature = "gzip")]
mod enabled;

#[cfg(not(feature = "gzip"))]
pub(super) use self::disabled::compress;
#[cfg(feature = "gzip")]
pub(super) use self::enabled::compress;
