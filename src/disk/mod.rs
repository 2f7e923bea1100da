//! How this crate opens files in folders that others may write to, and files that settings name.
//!
//! - A file that this crate creates beside a log can be read by its owner alone. It is never created or opened through a symbolic link.
//!   Otherwise another user could plant a link, and make this process write to one of its own files that has nothing to do with logs.
//! - A file that replaces a log has the owner and the mode of that log.
//! - A file that a setting names is read only if it is a regular file, and only up to a limit. A named pipe would block the process, and
//!   a device may have no end.

#[cfg(any(feature = "setup", feature = "ship"))]
mod limited;
mod platform;
mod private;

#[cfg(any(feature = "setup", feature = "ship"))]
pub(crate) use self::limited::{PEM_BYTES, read};
#[cfg(feature = "gzip")]
pub(crate) use self::platform::copy_owner_and_mode;
#[cfg(any(feature = "gzip", feature = "ship"))]
pub(crate) use self::private::{create_private, open_to_read};
#[cfg(feature = "ship")]
pub(crate) use self::{
    limited::{TOKEN_BYTES, open_named, read_private},
    platform::keep_readable_for_group,
};
pub(crate) use self::{
    platform::non_blocking,
    private::{create_like, is_link, open_private, open_to_append},
};
