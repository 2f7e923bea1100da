use std::time::Duration;
use tracing_core::Level;

/// What becomes of a line for which a [`Background`](super::Background) has no room.
///
/// Either way a line that is lost is counted by its level, and a line of the log says so as soon as there is room.
///
/// ```
/// use std::time::Duration;
/// use tracing_stamp::writer::{Background, Overflow};
///
/// let background = Background::new(std::io::sink()).with_overflow(Overflow::Block {
///     limit: Duration::from_secs(1),
/// });
/// # let _ = background;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// It is lost at once: the caller never waits. The lower its level the earlier: TRACE may fill half of the buffer, DEBUG
    /// five eighths, INFO three quarters, WARN seven eighths, ERROR all of it. The default.
    Drop,
    /// The caller waits until there is room, whatever the level. A line that is long beside the buffer may wait longer than the short
    /// ones of others.
    Block {
        /// For so long at the most; then the line is lost. Once a line has waited in vain the next ones are lost at once, until
        /// the sink takes bytes again: a dead disk does not stop a service that logs, it only slows it down once.
        limit: Duration,
    },
}

impl Overflow {
    /// How many of so many bytes lines of a level may fill.
    #[inline]
    pub(super) fn share(self, level: Level, bytes: usize) -> usize {
        match self {
            Self::Block { .. } => bytes,
            Self::Drop => bytes / 8 * (4 + severity(level)),
        }
    }
}

/// TRACE is 0, ERROR 4.
#[inline]
pub(super) fn severity(level: Level) -> usize {
    match level {
        Level::TRACE => 0,
        Level::DEBUG => 1,
        Level::INFO => 2,
        Level::WARN => 3,
        Level::ERROR => 4,
    }
}
