//! Decompresses xz, with the feature `xz`.

#[cfg(not(feature = "xz"))]
mod disabled;
#[cfg(feature = "xz")]
mod enabled;

#[cfg(not(feature = "xz"))]
pub(super) use self::disabled::decoder;
#[cfg(feature = "xz")]
pub(super) use self::enabled::decoder;
