//! Finds a trace by its id in any log files, and draws it as a tree of spans with their lines.

mod record;

pub use self::record::{ErrorDetails, Level, Moment, Reader, Record, SpanTimes};
