//! How to open files in folders that others may write to, and files that settings name.
//!
//! - A file that is created beside a log can be read by its owner alone. It is never created or opened through a symbolic link.
//!   Otherwise another user could plant a link, and make this process write to one of its own files that has nothing to do with logs.
//! - A file that replaces a log has the owner and the mode of that log.
//! - A file that a setting names is read only if it is a regular file, and only up to a limit. A named pipe would block the process, and
//!   a device may have no end.

mod limited;
mod platform;
mod private;

pub use self::{
    limited::{PEM_BYTES, TOKEN_BYTES, open_named, read, read_private},
    platform::{copy_owner_and_mode, keep_readable_for_group, non_blocking},
    private::{create_like, create_private, is_link, open_private, open_to_append, open_to_read},
};
