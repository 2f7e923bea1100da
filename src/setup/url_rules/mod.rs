//! Gives the rules of `init` to the layers of [`http`](crate::http), if that feature is on.

#[cfg(not(feature = "http"))]
mod disabled;
#[cfg(feature = "http")]
mod enabled;

#[cfg(not(feature = "http"))]
pub(super) use self::disabled::install;
#[cfg(feature = "http")]
pub(super) use self::enabled::install;
