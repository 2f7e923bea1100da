//! Random numbers, from the keys that the standard library gets from the operating system for its hash maps.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hasher as _},
    process,
    time::{SystemTime, UNIX_EPOCH},
};

/// Returns a random number. Two processes do not return the same one, not even if one was forked from the other.
pub(crate) fn random() -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    hasher.write_u128(now.map_or(0, |now| now.as_nanos()));
    hasher.write_u32(process::id());
    hasher.finish()
}
