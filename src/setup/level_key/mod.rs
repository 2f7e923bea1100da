//! The key in `LOG_LEVEL_KEY`, with which tokens for [log levels](crate::trace_level) are checked.

#[cfg(not(feature = "level-token"))]
mod disabled;
#[cfg(feature = "level-token")]
mod enabled;

#[cfg(not(feature = "level-token"))]
pub(super) use self::disabled::{LevelKey, from_env, install};
#[cfg(feature = "level-token")]
pub(super) use self::enabled::{LevelKey, from_env, install};
