//! Decompresses zstd, with the feature `zstd`.

#[cfg(not(feature = "zstd"))]
mod disabled;
#[cfg(feature = "zstd")]
mod enabled;

#[cfg(not(feature = "zstd"))]
pub(super) use self::disabled::decoder;
#[cfg(feature = "zstd")]
pub(super) use self::enabled::decoder;
