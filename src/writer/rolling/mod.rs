//! A log file that is rotated by size and time.
//!
//! # On the disk
//!
//! ```text
//! orders.jsonl                               the current file; its path never changes
//! orders.20261122T110400.123456Z.jsonl       closed at that time (UTC); names sort in the order of writing
//! orders.20261121T235959.999999Z.jsonl.gz    closed and compressed
//! orders.….jsonl.gz.4711-0.tmp               being compressed by process 4711
//! .of-LENGTH-HASH.trace-index                the index of a compressed file, named after its contents
//! .orders.jsonl.lock                         locked while a process has the file open
//! ```
//!
//! These invariants hold at every instant at which the process may be killed:
//!
//! 1. A closed file is complete. It ends with a newline, and is never written again. It keeps its inode until it is compressed. The
//!    comment in the gzip header then names the former inode, as `device:inode`.
//! 2. Closing is one `rename`. If the process is killed before it, the next start continues the current file. If it is killed after it,
//!    the next start creates a new file.
//! 3. Only the current file can end within a line. The next start writes the missing newline before its first line. No other line is
//!    changed.
//! 4. A compressed file gets its final name only when it is complete and synced to the disk, and only then the original is removed. If
//!    the process is killed in between, the next housekeeping compresses the file again. An index is written in between too, so that it
//!    is written again.
//! 5. If two processes open the same path, the second gets an error. The lock is one of the operating system, which releases it when the
//!    process and all its forked children have ended.
//! 6. A new current file and a compressed file have the owner and mode of the previous file. Only their owner can read lock files and
//!    unfinished files. Nothing is created or opened through a symbolic link, except for the path that the application gave.

mod deferred_error;
mod fsync_thread;
mod gzip;
mod hold;
mod housekeeping;
mod names;
mod open;
mod policy;
mod reopener;
mod retention;
mod rolling_file;
mod write;

pub use self::{
    policy::{Fsync, Rotation},
    reopener::Reopener,
    rolling_file::RollingFile,
};
