//! Ships lines from their file to a server, if the feature `ship` is on.

#[cfg(not(feature = "ship"))]
mod disabled;
#[cfg(feature = "ship")]
mod enabled;

#[cfg(not(feature = "ship"))]
pub(super) use self::disabled::{
    CursorFolder, RunningShipper, ShipTarget, default_file, from_env, keep_until_shipped,
};
#[cfg(feature = "ship")]
pub(super) use self::enabled::{
    CursorFolder, RunningShipper, ShipTarget, default_file, from_env, keep_until_shipped,
};
