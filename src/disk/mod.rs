//! How this crate opens files in folders that others may write to, and files that settings name.
//!
//! - A file that it makes beside a log is readable by its owner alone, and is never made or opened through a symbolic link: a link
//!   that somebody else puts there would let this process write to a file of its own that has nothing to do with logs.
//! - A file that replaces a log has the owner and the mode of that log.
//! - A file that a setting names is read only if it is a regular file, and only up to a limit: a named pipe would block the process,
//!   and a device may have no end.

#[cfg(any(feature = "setup", feature = "ship"))]
mod limited;
#[cfg(unix)]
#[path = "platform_unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "platform_windows.rs"]
mod platform;
#[cfg(not(any(unix, windows)))]
#[path = "platform_other.rs"]
mod platform;
mod private;

#[cfg(any(feature = "setup", feature = "ship"))]
pub(crate) use self::limited::{PEM_BYTES, read};
#[cfg(feature = "gzip")]
pub(crate) use self::platform::keep_owner_and_mode;
#[cfg(any(feature = "gzip", feature = "ship"))]
pub(crate) use self::private::{create_private, open_to_read};
#[cfg(feature = "ship")]
pub(crate) use self::{
    limited::{TOKEN_BYTES, open_named, read_private},
    platform::keep_readable_for_group,
};
pub(crate) use self::{
    platform::not_blocking,
    private::{create_like, is_link, open_private, open_to_append},
};
