use super::{
    bucket::Bucket, call_site::CallSiteLimit, counts::Counts, pass::Pass, reporter::Reporter,
    settings::Burst,
};
use crate::stats::Stats;
use std::{
    collections::HashMap,
    hash::RandomState,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tracing_core::{Level, Metadata};

/// The limits of all call sites of a layer, with the counts of all places.
#[derive(Debug)]
pub(crate) struct Limits {
    burst: Burst,
    pub(super) stats: Stats,
    hasher: RandomState,
    places: Mutex<HashMap<Identity, Arc<Counts>>>,
    pub(super) reporter: Reporter,
}

/// What identifies a place.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Identity {
    /// The address of the metadata of its only call site, which live as long as the process.
    Address(usize),
    /// What records of another logging crate say.
    Record {
        level: Level,
        target: &'static str,
        file: Option<&'static str>,
        line: Option<u32>,
    },
}

impl Limits {
    pub(crate) fn new(burst: Burst, stats: Stats) -> Self {
        Self {
            burst,
            stats,
            hasher: RandomState::new(),
            places: Mutex::default(),
            reporter: Reporter::default(),
        }
    }

    /// Returns the limit of a call site. Returns `None` if its lines are not limited.
    pub(crate) fn of(
        &self,
        metadata: &'static Metadata<'static>,
        is_bridged: bool,
    ) -> Option<CallSiteLimit> {
        if !metadata.is_event() || *metadata.level() < self.burst.level {
            return None;
        }
        let identity = if is_bridged {
            Identity::Record {
                level: *metadata.level(),
                target: metadata.target(),
                file: metadata.file(),
                line: metadata.line(),
            }
        } else {
            Identity::Address(std::ptr::from_ref(metadata) as usize)
        };
        let mut places = self.places();
        let counts = places
            .entry(identity)
            .or_insert_with(|| Arc::new(Counts::new(self.burst.rate, metadata)));
        Some(CallSiteLimit {
            counts: Arc::clone(counts),
            field: self.key_name().and_then(|key| metadata.fields().field(key)),
            hasher: self.hasher.clone(),
        })
    }

    /// The name of the field with the key.
    pub(crate) fn key_name(&self) -> Option<&str> {
        self.burst.key.as_deref()
    }

    /// Takes numbers by `take`, and writes a line for each call site that has one.
    pub(super) fn report(&self, take: fn(&Bucket) -> u64) {
        let Some(output) = self.reporter.output.get() else {
            return;
        };
        for counts in self.all() {
            let suppressed = counts.buckets().map(take).sum();
            if suppressed > 0 {
                let sum = Bucket::new(suppressed);
                output(counts.metadata, &Pass::reporting(&sum));
            }
        }
    }

    pub(super) fn has_suppressed(&self) -> bool {
        let all = self.all();
        all.iter()
            .any(|counts| counts.buckets().any(Bucket::has_suppressed))
    }

    /// Returns the counts of all places, so that no lock is held while lines are written.
    fn all(&self) -> Vec<Arc<Counts>> {
        self.places().values().map(Arc::clone).collect()
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Identity, Arc<Counts>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
