//! Ships lines from their file to a server, where the feature `ship` is on.

#[cfg(not(feature = "ship"))]
mod disabled;
#[cfg(feature = "ship")]
mod enabled;

#[cfg(not(feature = "ship"))]
pub(super) use self::disabled::{Running, ShipTo, State, default_file, from_env, hold};
#[cfg(feature = "ship")]
pub(super) use self::enabled::{Running, ShipTo, State, default_file, from_env, hold};
