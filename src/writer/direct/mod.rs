//! Writer without a thread of its own: the threads that log write to the sink themselves, before the logging call returns.
//!
//! One thread at a time has the sink, and no lock is held while the sink's code runs. Other threads that log append their lines to one
//! buffer and wait, and the thread that has the sink writes the whole buffer in one call. They wait for at most a second, because that
//! thread may itself wait for something that they hold, such as the lock of standard output. Their lines are then written when it
//! continues.
//!
//! If the sink fails, no thread waits. Lines stay in the buffer up to its capacity. They are tried again with later lines, with pauses
//! from 2 ms to 1 s, and at the shutdown. Lines for which there is no room are counted, and a line of the log reports them.

mod direct_writer;
mod sink;
mod state;

use self::state::State;
pub(super) use self::{direct_writer::DirectWriter, sink::Sink};
