use std::{
    fs::{File, Metadata, OpenOptions},
    os::windows::fs::OpenOptionsExt as _,
};

/// Opens a link itself and not its target: `FILE_FLAG_OPEN_REPARSE_POINT`.
const OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// Opens a symbolic link itself, which is no regular file then.
pub(crate) fn not_following(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OPEN_REPARSE_POINT)
}

/// Named pipes are not among the files here.
pub(crate) fn not_blocking(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// A file has the access list of its folder.
pub(super) fn for_the_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

pub(super) fn restrict_to_owner(_: &File, _: &Metadata) {}

/// A file has the access list of its folder.
#[cfg(feature = "ship")]
pub(crate) fn keep_readable_for_group(_: &File, _: &Metadata) {}

/// A file has the access list of its folder.
pub(crate) fn keep_owner_and_mode(_: &File, _: &Metadata) {}
