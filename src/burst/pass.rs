use super::{bucket::Bucket, call_site::CallSiteLimit};
use crate::json::UnixTime;

/// A bucket that has nothing to report.
static EMPTY: Bucket = Bucket::new(0);

/// A line that is written although its call site has a limit, or whose time is known already.
pub(crate) struct Pass<'a> {
    bucket: &'a Bucket,
    /// The time of the line. A limit reads the clock, so it is not read again.
    pub(crate) time: UnixTime,
}

impl<'a> Pass<'a> {
    /// Counts an event that has a limit. Returns `None` if it is left out.
    #[inline]
    pub(crate) fn new(limit: &'a CallSiteLimit, key: Option<u64>) -> Option<Self> {
        let time = UnixTime::now();
        let bucket = limit.counts.count(key, time)?;
        Some(Self { bucket, time })
    }

    /// A line that does not count.
    pub(crate) fn at(time: UnixTime) -> Self {
        Self {
            bucket: &EMPTY,
            time,
        }
    }

    /// A line that reports the number of a bucket.
    pub(super) fn reporting(bucket: &'a Bucket) -> Self {
        Self {
            bucket,
            time: UnixTime::now(),
        }
    }

    /// Takes the number of lines that were left out before this one. The caller must write the line.
    #[inline]
    pub(crate) fn take_suppressed(&self) -> u64 {
        self.bucket.take()
    }
}
