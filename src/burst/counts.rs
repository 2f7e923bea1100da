use super::{bucket::Bucket, keyed::Keyed, settings::Rate};
use crate::json::UnixTime;
use std::sync::OnceLock;
use tracing_core::Metadata;

/// The counts of one place in the source. Call sites of records of another logging crate share them, if only their keys differ.
#[derive(Debug)]
pub(super) struct Counts {
    /// Of one of the call sites.
    pub(super) metadata: &'static Metadata<'static>,
    rate: Rate,
    /// For events without a key.
    bucket: Bucket,
    /// For events with a key.
    keyed: OnceLock<Keyed>,
}

impl Counts {
    pub(super) fn new(rate: Rate, metadata: &'static Metadata<'static>) -> Self {
        Self {
            metadata,
            rate,
            bucket: Bucket::new(0),
            keyed: OnceLock::new(),
        }
    }

    /// Counts an event. Returns its bucket if the event is written, and otherwise counts it there as left out.
    #[inline]
    pub(super) fn count(&self, key: Option<u64>, time: UnixTime) -> Option<&Bucket> {
        let now = time.wrapping_millis();
        let period = self.rate.period;
        let bucket = match key {
            None => &self.bucket,
            Some(key) => self.bucket_of(key, now),
        };
        let number = bucket.window.count(now, period);
        if self.rate.admits(number) {
            return Some(bucket);
        }
        bucket.suppress();
        None
    }

    #[cold]
    fn bucket_of(&self, key: u64, now: u32) -> &Bucket {
        let keyed = self.keyed.get_or_init(Keyed::default);
        let bucket = keyed.bucket(key, now, self.rate.period);
        bucket.unwrap_or(&self.bucket)
    }

    pub(super) fn buckets(&self) -> impl Iterator<Item = &Bucket> {
        let keyed = self.keyed.get().into_iter().flat_map(Keyed::buckets);
        keyed.chain([&self.bucket])
    }
}
