//! A sink to which the threads that log write themselves: a line is with the operating system before the call returns.
//!
//! One thread at a time has the sink, and no lock is held while the sink's code runs. Threads that log meanwhile append their
//! lines to one buffer and wait; the one that has the sink writes the whole buffer in one call. They wait a second at most, since
//! that thread may itself wait for something they hold, such as the lock of standard output; their lines are then written
//! when it continues.
//!
//! Where the sink fails, nobody waits. Lines stay in the buffer up to its capacity, and are tried again with later lines, with
//! pauses from 2 ms to 1 s, and at the shutdown. What there is no room for is counted and reported by a line of the log.

mod sink;
mod state;
mod writing;

use self::state::State;
pub(super) use self::{sink::Sink, writing::Direct};
