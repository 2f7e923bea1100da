use std::time::{Duration, SystemTime};

/// Interval at which a [`RollingFile`](super::RollingFile) is closed, in UTC. Set by
/// [`RollingFile::with_rotation`](super::RollingFile::with_rotation).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// Never.
    #[default]
    Never,
    /// At each full minute. As in every variant, the first line after that time closes the file.
    Minutely,
    /// At each full hour.
    Hourly,
    /// At midnight.
    Daily,
}

impl Rotation {
    /// Returns the number of the period to which a time belongs.
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

/// When a [`RollingFile`](super::RollingFile) is synced to the disk, so that its lines survive a crash of the machine. Set by
/// [`RollingFile::with_fsync`](super::RollingFile::with_fsync).
///
/// If only the process is killed, the operating system keeps the written lines, also without a sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fsync {
    /// When the operating system chooses. On Linux this is within about half a minute.
    #[default]
    Never,
    /// At most this long after a write, on a thread of its own.
    Interval(Duration),
    /// With each [flush](std::io::Write::flush). A [`Background`](crate::writer::Background) flushes after each block, and counts its lines
    /// as written only then. If the sync fails, this is reported and the lines count as written all the same: the operating system does
    /// not say which of them are on the disk.
    EachBlock,
}
