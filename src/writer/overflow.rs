use std::time::Duration;
use tracing_core::Level;

/// What happens to a line for which a [`Background`](super::Background) has no room.
///
/// In both cases a lost line is counted by its level, and a line of the log reports the loss as soon as there is room.
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
    /// The line is lost at once, and the caller never waits. This is the default.
    ///
    /// Lines of lower levels are lost earlier: TRACE may fill half of the buffer, DEBUG five eighths, INFO three quarters, WARN seven
    /// eighths, and ERROR all of it.
    Drop,
    /// The caller waits until there is room, regardless of the level. A line that is long compared to the buffer may wait longer than the
    /// short lines of other threads.
    Block {
        /// Maximum time to wait. After that the line is lost, and the next lines are lost at once until the sink takes bytes again. So a dead
        /// disk slows a service down once, and does not stop it.
        limit: Duration,
    },
}

impl Overflow {
    /// Returns how many of `bytes` lines of a level may fill.
    #[inline]
    pub(super) fn share(self, level: Level, bytes: usize) -> usize {
        match self {
            Self::Block { .. } => bytes,
            Self::Drop => bytes / 8 * (4 + severity(level)),
        }
    }
}

/// Returns 0 for TRACE up to 4 for ERROR.
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
