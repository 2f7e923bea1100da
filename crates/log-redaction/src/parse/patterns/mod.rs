//! The sets of patterns, and the error for them without the feature.

#[cfg(not(feature = "patterns"))]
mod disabled;
#[cfg(feature = "patterns")]
mod enabled;

#[cfg(not(feature = "patterns"))]
pub(super) use self::disabled::add;
#[cfg(feature = "patterns")]
pub(super) use self::enabled::add;
