//! A file that is closed and begun anew by size and time.
//!
//! # On the disk
//!
//! ```text
//! orders.jsonl                               the current file; its path never changes
//! orders.20261122T110400.123456Z.jsonl       closed at that time (UTC): names sort as the files were written
//! orders.20261121T235959.999999Z.jsonl.gz    closed and compressed
//! orders.….jsonl.gz.4711-0.tmp               being compressed, by the process 4711
//! .orders.jsonl.lock                         locked for as long as the file is open here
//! ```
//!
//! Invariants, at every instant at which the process may be killed:
//!
//! 1. A closed file is complete: it ends with a newline, and is never written again. It keeps its inode until it is compressed;
//!    then the comment in its gzip header says which inode it was, as `device:inode`.
//! 2. Closing is one `rename`. Killed before it, the current file goes on; killed after it, the next start makes a new one.
//! 3. Only the current file can end within a line: the first line of the next start ends it. No other line is touched.
//! 4. A compressed file has its name only when it is whole and on the disk; only then its original is removed. Killed between, the
//!    next housekeeping makes it again.
//! 5. Of two processes that open one path the second is refused: the lock is the operating system's, and goes with the process (and
//!    with those that it has forked).
//! 6. A new current file and a compressed one have the owner and mode of the file before. Locks and unfinished files can be read
//!    by their owner alone. Nothing is made or opened through a symbolic link, but for the path that was given.

mod file;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(not(feature = "gzip"))]
#[path = "gzip_none.rs"]
mod gzip;
mod hold;
mod housekeeping;
#[cfg(unix)]
#[path = "identity_unix.rs"]
mod identity;
#[cfg(not(unix))]
#[path = "identity_other.rs"]
mod identity;
mod keep;
mod names;
mod opening;
mod policy;
mod syncing;
mod trouble;
mod writing;

#[cfg(feature = "ship")]
pub(crate) use self::identity::is_removed;
pub use self::{
    file::{Reopener, RollingFile},
    policy::{Fsync, Rotation},
};
