//! Platforms without a way to refuse symbolic links.

use std::fs::OpenOptions;

/// Has no effect.
pub(crate) fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
