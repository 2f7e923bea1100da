use std::{fs::OpenOptions, os::windows::fs::OpenOptionsExt as _};

/// `FILE_FLAG_OPEN_REPARSE_POINT`: opens a link itself instead of its target.
const OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// Makes opening a symbolic link open the link itself, which is not a regular file.
pub(crate) fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OPEN_REPARSE_POINT)
}
