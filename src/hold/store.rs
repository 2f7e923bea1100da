use super::{
    budget::Budget,
    held_trace::{Ended, Held, HeldTrace, Limits, NotHeld},
    line::{Line, TraceKey, key_of},
    recent,
    release_output::ReleaseOutput,
    settings::Hold,
};
use crate::json::UnixTime;
use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

/// Threads that hold the first line of their traces at once rarely want the same one of so many locks.
const SHARDS: usize = 64;

/// So many unused traces are kept, with their memory.
const MAX_SPARE: usize = 256;

/// Each shard holds at most so many traces that had no local root when they began.
const MAX_ROOTLESS: usize = 4_096;

/// The traces of which one layer holds lines.
///
/// A thread remembers the traces of its last lines. So only the first line of a trace on a thread takes the lock of a shard, and all others
/// only that of their trace. No lock is held while lines are written.
pub(crate) struct HoldStore {
    /// Distinguishes the stores of a process in thread-locals.
    id: u64,
    shards: Box<[Mutex<Shard>]>,
    /// Serve no trace, and keep their memory for the next ones. Locked after a shard.
    spare: Mutex<Vec<Arc<HeldTrace>>>,
    max_trace_bytes: usize,
    max_age_nanos: i64,
    budget: Budget,
    /// Traces whose lines are written at once.
    released: AtomicUsize,
    /// Held while memory is freed.
    freeing: Mutex<()>,
    output: Box<dyn ReleaseOutput>,
}

#[derive(Default)]
struct Shard {
    traces: HashMap<TraceKey, Arc<HeldTrace>>,
    /// The traces that had no local root when they began, oldest first, with the times of their first lines.
    rootless: VecDeque<(TraceKey, i64)>,
}

impl HoldStore {
    pub(crate) fn new(hold: &Hold, output: Box<dyn ReleaseOutput>) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT_ID.fetch_add(1, Relaxed),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            spare: Mutex::default(),
            max_trace_bytes: hold.max_trace_bytes,
            max_age_nanos: hold.max_age.as_nanos().try_into().unwrap_or(i64::MAX),
            budget: Budget::new(hold.max_bytes),
            released: AtomicUsize::new(0),
            freeing: Mutex::default(),
            output,
        }
    }

    /// Holds a line of a trace. If it is not held, it is counted as dropped, or it has to be written now.
    pub(crate) fn hold(&self, line: &Line<'_>) -> Held {
        let key = key_of(&line.context);
        let count_dropped = |lines| self.count_dropped(lines);
        let limits = self.limits(line.time, &count_dropped);
        let known = recent::with(self.id, key, |trace| trace.hold(key, line, &limits));
        match known {
            Some(Ok(held)) => held,
            _ => self.hold_first(key, line, &limits),
        }
    }

    /// Holds the first line of a trace on this thread, or one for which memory has to be freed.
    #[cold]
    fn hold_first(&self, key: TraceKey, line: &Line<'_>, limits: &Limits<'_>) -> Held {
        let mut has_freed = false;
        loop {
            let trace = self.trace(key, line.time);
            match trace.hold(key, line, limits) {
                Ok(held) => return held,
                Err(NotHeld::Stale) => self.forget(key, &trace),
                Err(NotHeld::NoBudget(bytes)) if !has_freed => {
                    has_freed = true;
                    self.free(bytes);
                }
                Err(NotHeld::NoBudget(_)) => {
                    trace.drop_line(key, limits);
                    return Held::Dropped;
                }
            }
        }
    }

    /// Whether the lines of a trace are written at once.
    #[inline]
    pub(crate) fn is_released(&self, key: TraceKey) -> bool {
        if self.released.load(Relaxed) == 0 {
            return false;
        }
        let recent = recent::with(self.id, key, |trace| trace.is_released(key)).flatten();
        recent.or_else(|| self.listed(key)?.is_released(key)) == Some(true)
    }

    /// Notes that a local root span of a trace is open.
    pub(crate) fn add_root(&self, key: TraceKey) -> Arc<HeldTrace> {
        loop {
            let trace = self.find_or_begin(key, None);
            if trace.add_root(key) {
                recent::insert(self.id, key, &trace);
                return trace;
            }
            self.forget(key, &trace);
        }
    }

    /// Notes that a local root span has ended. If it was the last one of the trace, its lines are dropped.
    pub(crate) fn end_root(&self, key: TraceKey, trace: &Arc<HeldTrace>) {
        if let Some(ended) = trace.end_root(key) {
            self.end(key, trace, &ended);
        }
    }

    /// Writes the held lines of a trace, and its further lines are written at once.
    pub(crate) fn release(&self, key: TraceKey) {
        let known = self.known(key);
        let trace = known.unwrap_or_else(|| self.find_or_begin(key, Some(now())));
        self.release_trace(key, &trace);
    }

    /// Writes the held lines of all traces.
    #[cfg_attr(
        not(feature = "setup"),
        allow(dead_code, reason = "only the guard of `init` calls it")
    )]
    pub(crate) fn release_all(&self) {
        for shard in &self.shards {
            let traces: Vec<_> = {
                let shard = lock(shard);
                let traces = shard.traces.iter();
                traces
                    .map(|(key, trace)| (*key, Arc::clone(trace)))
                    .collect()
            };
            for (key, trace) in traces {
                self.release_trace(key, &trace);
            }
        }
    }

    fn release_trace(&self, key: TraceKey, trace: &Arc<HeldTrace>) {
        let counted = CountedRelease::new(&self.released);
        let count_dropped = |lines| self.count_dropped(lines);
        let limits = self.limits(now(), &count_dropped);
        let released = trace.release(key, &limits, &mut |batch| {
            if let Some((context, lines)) = batch.take_dropped() {
                self.output.write_dropped(context, lines);
            }
            batch.write(|metadata, line| self.output.write(metadata, line));
        });
        if let Some(release) = released {
            counted.keep();
            if let Some(ended) = &release.ended {
                self.end(key, trace, ended);
            }
        }
    }

    fn end(&self, key: TraceKey, trace: &Arc<HeldTrace>, ended: &Ended) {
        if ended.was_released {
            self.released.fetch_sub(1, Relaxed);
        }
        self.count_dropped(ended.dropped);
        self.forget(key, trace);
    }

    #[inline]
    fn count_dropped(&self, lines: usize) {
        if lines > 0 {
            self.output.count_dropped(lines);
        }
    }

    #[inline]
    fn limits<'l>(&'l self, now: i64, count_dropped: &'l dyn Fn(usize)) -> Limits<'l> {
        Limits {
            bytes: self.max_trace_bytes,
            too_old: now.saturating_sub(self.max_age_nanos),
            budget: &self.budget,
            count_dropped,
        }
    }

    /// The trace of a line.
    fn trace(&self, key: TraceKey, time: i64) -> Arc<HeldTrace> {
        recent::get(self.id, key).unwrap_or_else(|| {
            let trace = self.find_or_begin(key, Some(time));
            recent::insert(self.id, key, &trace);
            trace
        })
    }

    /// The trace, if it is held.
    fn known(&self, key: TraceKey) -> Option<Arc<HeldTrace>> {
        let recent = recent::get(self.id, key).filter(|trace| trace.key() == Some(key));
        recent.or_else(|| self.listed(key))
    }

    /// The trace in the table of all.
    fn listed(&self, key: TraceKey) -> Option<Arc<HeldTrace>> {
        lock(self.shard(key)).traces.get(&key).cloned()
    }

    /// `time` is that of the first line, if the trace begins with a line.
    fn find_or_begin(&self, key: TraceKey, time: Option<i64>) -> Arc<HeldTrace> {
        let mut shard = lock(self.shard(key));
        let trace = match shard.traces.entry(key) {
            Entry::Occupied(known) => return Arc::clone(known.get()),
            Entry::Vacant(place) => {
                let trace = lock(&self.spare).pop().unwrap_or_default();
                trace.begin(key);
                Arc::clone(place.insert(trace))
            }
        };
        let Some(time) = time else {
            return trace;
        };
        let too_old = time.saturating_sub(self.max_age_nanos);
        let is_full = shard.rootless.len() >= MAX_ROOTLESS;
        let old = match shard.rootless.front() {
            Some((_, time)) if is_full || *time < too_old => shard.rootless.pop_front(),
            _ => None,
        };
        shard.rootless.push_back((key, time));
        let old = old.and_then(|(key, _)| Some((key, Arc::clone(shard.traces.get(&key)?))));
        drop(shard);
        if let Some((key, old)) = old
            && let Some(ended) = old.end_old(key, if is_full { i64::MAX } else { too_old })
        {
            self.end(key, &old, &ended);
        }
        trace
    }

    /// Forgets a trace that serves another one by now, or none.
    fn forget(&self, key: TraceKey, trace: &Arc<HeldTrace>) {
        recent::remove(self.id, key);
        let mut shard = lock(self.shard(key));
        let Entry::Occupied(known) = shard.traces.entry(key) else {
            return;
        };
        if !Arc::ptr_eq(known.get(), trace) || trace.key() == Some(key) {
            return;
        }
        let unused = known.remove();
        drop(shard);
        let mut spare = lock(&self.spare);
        if spare.len() < MAX_SPARE {
            return spare.push(unused);
        }
        drop(spare);
        unused.free(&self.budget);
    }

    /// Frees so many bytes, and some more: first memory without lines, then that of the traces with the oldest lines.
    #[cold]
    fn free(&self, bytes: usize) {
        // If another thread frees memory, that may be enough.
        let Ok(_freeing) = self.freeing.try_lock() else {
            return;
        };
        let mut to_free = self.budget.to_free(bytes);
        for trace in std::mem::take(&mut *lock(&self.spare)) {
            to_free = to_free.saturating_sub(trace.free(&self.budget).0);
        }
        let mut with_lines = Vec::new();
        for shard in &self.shards {
            let traces: Vec<_> = lock(shard).traces.values().cloned().collect();
            with_lines.extend(traces.into_iter().filter_map(|trace| {
                let (key, oldest) = trace.oldest()?;
                Some((oldest?, key, trace))
            }));
        }
        with_lines.sort_unstable_by_key(|(oldest, ..)| *oldest);
        for (_, key, trace) in with_lines {
            if to_free == 0 {
                return;
            }
            let (freed, lost) = trace.free(&self.budget);
            to_free = to_free.saturating_sub(freed);
            self.count_dropped(lost);
            if let Some(ended) = trace.end_old(key, i64::MIN) {
                self.end(key, &trace, &ended);
            }
        }
    }

    fn shard(&self, [_, lower]: TraceKey) -> &Mutex<Shard> {
        // The lower half is random, and at worst traces share a lock.
        &self.shards[lower as usize % SHARDS]
    }
}

impl Drop for HoldStore {
    /// Frees the memory of all traces, which threads may still remember.
    fn drop(&mut self) {
        let spare = std::mem::take(&mut *lock(&self.spare));
        let shards = self.shards.iter();
        let traces =
            shards.flat_map(|shard| std::mem::take(&mut *lock(shard)).traces.into_values());
        for trace in traces.chain(spare) {
            let (_, lost) = trace.free(&self.budget);
            self.count_dropped(lost);
        }
    }
}

/// A trace that counts as released, unless its release fails.
struct CountedRelease<'c>(Option<&'c AtomicUsize>);

impl<'c> CountedRelease<'c> {
    fn new(count: &'c AtomicUsize) -> Self {
        count.fetch_add(1, Relaxed);
        Self(Some(count))
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for CountedRelease<'_> {
    fn drop(&mut self) {
        if let Some(count) = self.0 {
            count.fetch_sub(1, Relaxed);
        }
    }
}

fn now() -> i64 {
    UnixTime::now().nanos()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
