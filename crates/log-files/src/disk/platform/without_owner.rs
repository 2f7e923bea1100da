//! Platforms on which a file has no Unix owner and mode. On Windows, a file inherits the access list of its folder.

use std::fs::{File, Metadata, OpenOptions};

/// Has no effect: a named pipe is not a file that a path can name here.
pub fn non_blocking(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Has no effect.
pub(crate) fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Has no effect.
pub(crate) fn restrict_to_owner(_: &File, _: &Metadata) {}

/// Has no effect.
pub fn keep_readable_for_group(_: &File, _: &Metadata) {}

/// Has no effect.
pub fn copy_owner_and_mode(_: &File, _: &Metadata) {}
