//! Which events a layer writes at once. The others are held.

#[cfg(not(feature = "setup"))]
mod disabled;
#[cfg(feature = "setup")]
mod enabled;
mod filter;

#[cfg(not(feature = "setup"))]
pub(crate) use self::disabled::SharedEnvFilter;
#[cfg(feature = "setup")]
pub(crate) use self::enabled::SharedEnvFilter;
pub(crate) use self::filter::WrittenFilter;
