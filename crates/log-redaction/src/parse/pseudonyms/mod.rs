//! Pseudonyms, and the errors for them without the feature.

#[cfg(not(feature = "pseudonyms"))]
mod disabled;
#[cfg(feature = "pseudonyms")]
mod enabled;

#[cfg(not(feature = "pseudonyms"))]
pub(super) use self::disabled::{default_replacement, replacement, with_key};
#[cfg(feature = "pseudonyms")]
pub(super) use self::enabled::{default_replacement, replacement, with_key};
