use std::time::{Duration, SystemTime};

/// When a [`RollingFile`](super::RollingFile) is closed because of the time; by UTC.
///
/// ```no_run
/// use tracing_stamp::writer::{RollingFile, Rotation};
///
/// let file = RollingFile::open("/var/log/orders/orders.jsonl")?.with_rotation(Rotation::Daily);
/// # let _ = file;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// Never.
    #[default]
    Never,
    /// At each full minute, with the first line after it.
    Minutely,
    /// At each full hour.
    Hourly,
    /// At midnight.
    Daily,
}

impl Rotation {
    /// The number of the period that a time is in.
    pub(super) fn period(self, time: SystemTime) -> u64 {
        let seconds = match self {
            Self::Never => return 0,
            Self::Minutely => 60,
            Self::Hourly => 3_600,
            Self::Daily => 86_400,
        };
        let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH);
        since_epoch.map_or(0, |since| since.as_secs() / seconds)
    }
}

/// When what is written to a [`RollingFile`](super::RollingFile) is forced to the disk itself, so that it outlives a crash of the
/// machine. The operating system keeps what was written when only the process is killed.
///
/// ```no_run
/// use std::time::Duration;
/// use tracing_stamp::writer::{Fsync, RollingFile};
///
/// let file = RollingFile::open("/var/log/orders/orders.jsonl")?.with_fsync(Fsync::Interval(Duration::from_secs(1)));
/// # let _ = file;
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fsync {
    /// When the operating system likes: within half a minute or so, on Linux.
    #[default]
    Never,
    /// This long after a write at the latest, by a thread of its own.
    Interval(Duration),
    /// With each [flush](std::io::Write::flush): a [`Background`](crate::writer::Background) does so after each block, and
    /// confirms no line before. Where that fails it is told, and the lines count as written: the system does not say which of them
    /// are on the disk.
    EachBlock,
}
