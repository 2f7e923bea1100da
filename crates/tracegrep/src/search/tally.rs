use super::trace_summary::{Order, TraceSummary};
use crate::{
    id::TraceId,
    record::{Glance, Level, Record},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The traces are divided among as many maps, so that threads seldom wait for each other.
const SHARDS: u64 = 64;

/// No more of a text is kept, so that a trace needs less than 200 bytes in all.
const MAX_TEXT_BYTES: usize = 40;

/// The names of no more services are kept.
const MAX_SERVICES: u16 = 10_000;

type Shard = Mutex<BTreeMap<TraceId, Counted>>;

/// Counts the lines of all traces. Several threads can add lines.
pub(super) struct Tally {
    /// Trees, because a hash table takes twice the memory each time it grows.
    shards: Vec<Shard>,
    hasher: RandomState,
    services: Mutex<Services>,
}

/// What is known of a trace.
struct Counted {
    first: i64,
    last: i64,
    longest_nanos: u64,
    /// The time of the line that the text is from. It is the first error, or else the first line.
    text_time: i64,
    text: Box<str>,
    lines: u32,
    /// Of more errors, the count stays at the largest number.
    errors: u16,
    service: u16,
}

/// The number of no service.
const NO_SERVICE: u16 = u16::MAX;

/// The names of services, each with its number.
#[derive(Default)]
struct Services {
    numbers: HashMap<String, u16>,
    names: Vec<String>,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            services: Mutex::default(),
        }
    }

    /// Counts a line. It is read as a whole only if its text is needed.
    pub(super) fn add(&self, glance: &Glance, read: impl FnOnce() -> Record) {
        let Some(id) = glance.trace_id else {
            return;
        };
        let Some(shard) = self.shard(id) else {
            return;
        };
        let mut traces = lock(shard);
        let counted = traces.entry(id).or_insert_with(Counted::new);
        if counted.add(glance) {
            let record = read();
            counted.text = text(&record);
            let number = |service| lock(&self.services).number(service);
            counted.service = record.service.map_or(NO_SERVICE, number);
        }
    }

    /// Returns the first traces in an order, and how many have a place in it. The others are dropped on the way, so that no second list of all
    /// traces is needed.
    pub(super) fn finish(mut self, order: Order, most: usize) -> (Vec<TraceSummary>, usize) {
        self.join_short();
        let shards = self.shards.into_iter().map(Mutex::into_inner);
        let shards = shards.map(|shard| shard.unwrap_or_else(PoisonError::into_inner));
        let mut of = 0;
        let mut first = Vec::new();
        for traces in shards {
            let ranked = traces.into_iter().filter_map(|(id, counted)| {
                let rank = counted.rank(order)?;
                Some((Reverse((rank, counted.start())), id, counted))
            });
            let before = first.len();
            first.extend(ranked);
            of += first.len() - before;
            first.sort_by_key(|(place, id, _)| (*place, *id));
            first.truncate(most);
        }
        let services = self.services.into_inner();
        let services = services.unwrap_or_else(PoisonError::into_inner);
        let summaries = first
            .into_iter()
            .map(|(_, id, counted)| counted.summary(id, &services));
        (summaries.collect(), of)
    }

    /// Counts the lines that have only the lower half of an id for the trace with that half, if there is only one.
    fn join_short(&mut self) {
        let mut of_half: HashMap<u64, Vec<TraceId>> = HashMap::new();
        for id in self.ids().filter(|id| id.is_short()) {
            of_half.insert(id.lower(), Vec::new());
        }
        if of_half.is_empty() {
            return;
        }
        for id in self.ids().filter(|id| !id.is_short()) {
            if let Some(whole) = of_half.get_mut(&id.lower()) {
                whole.push(id);
            }
        }
        for (half, whole) in of_half {
            let ([whole], Some(short)) = (&*whole, TraceId::new(half.into())) else {
                continue;
            };
            let short = self
                .shard(short)
                .and_then(|shard| lock(shard).remove(&short));
            let shard = self.shard(*whole).map(lock);
            if let (Some(short), Some(mut shard)) = (short, shard)
                && let Some(whole) = shard.get_mut(whole)
            {
                whole.join(short);
            }
        }
    }

    fn ids(&self) -> impl Iterator<Item = TraceId> {
        let ids = |shard: &Shard| lock(shard).keys().copied().collect::<Vec<_>>();
        self.shards.iter().flat_map(ids)
    }

    fn shard(&self, id: TraceId) -> Option<&Shard> {
        let number = self.hasher.hash_one(id) % SHARDS;
        self.shards.get(usize::try_from(number).ok()?)
    }
}

impl Counted {
    fn new() -> Self {
        Self {
            first: i64::MAX,
            last: i64::MIN,
            longest_nanos: 0,
            text_time: i64::MAX,
            text: Box::default(),
            lines: 0,
            errors: 0,
            service: NO_SERVICE,
        }
    }

    /// Returns whether the text of this line is to be kept.
    fn add(&mut self, glance: &Glance) -> bool {
        let is_error = glance.level >= Some(Level::Error);
        let time = glance.time.unwrap_or(i64::MAX);
        let is_first = match is_error {
            true => self.errors == 0 || time < self.text_time,
            false => self.lines == 0 || (self.errors == 0 && time < self.text_time),
        };
        if is_first {
            self.text_time = time;
        }
        self.lines = self.lines.saturating_add(1);
        self.errors = self.errors.saturating_add(is_error.into());
        if let Some(time) = glance.time {
            self.first = self.first.min(time);
            self.last = self.last.max(time);
        }
        let stated = glance.duration.unwrap_or_default().as_nanos();
        let stated = u64::try_from(stated).unwrap_or(u64::MAX);
        self.longest_nanos = self.longest_nanos.max(stated);
        is_first
    }

    fn join(&mut self, other: Self) {
        let is_first = match (self.errors, other.errors) {
            (0, 1..) => true,
            (1.., 0) => false,
            _ => other.text_time < self.text_time,
        };
        if is_first {
            self.text_time = other.text_time;
            self.text = other.text;
            self.service = other.service;
        }
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.longest_nanos = self.longest_nanos.max(other.longest_nanos);
        self.lines = self.lines.saturating_add(other.lines);
        self.errors = self.errors.saturating_add(other.errors);
    }

    /// Returns the number by which traces are ordered, or `None` if the trace has no place in the order.
    fn rank(&self, order: Order) -> Option<u64> {
        match order {
            Order::Errors => (self.errors > 0).then_some(self.errors.into()),
            Order::Slowest => self.nanos(),
            Order::Lines => Some(self.lines.into()),
        }
    }

    fn start(&self) -> Option<i64> {
        (self.first <= self.last).then_some(self.first)
    }

    fn nanos(&self) -> Option<u64> {
        let passed = self.start().map(|start| self.last.abs_diff(start));
        let stated = (self.longest_nanos > 0).then_some(self.longest_nanos);
        passed.max(stated)
    }

    fn summary(self, id: TraceId, services: &Services) -> TraceSummary {
        let start = self.start();
        TraceSummary {
            id,
            lines: self.lines as usize,
            errors: self.errors.into(),
            start,
            end: start.map(|_| self.last),
            duration: self.nanos().map(Duration::from_nanos),
            service: services.name(self.service),
            text: (!self.text.is_empty()).then(|| self.text.into_string()),
        }
    }
}

impl Services {
    fn number(&mut self, name: String) -> u16 {
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        match u16::try_from(self.names.len()) {
            Ok(number @ ..MAX_SERVICES) => {
                self.names.push(name.clone());
                self.numbers.insert(name, number);
                number
            }
            _ => NO_SERVICE,
        }
    }

    fn name(&self, number: u16) -> Option<String> {
        self.names.get(usize::from(number)).cloned()
    }
}

/// The beginning of what an error says, or of the name of a span or a message.
fn text(record: &Record) -> Box<str> {
    let of_error = record
        .error
        .as_ref()
        .and_then(|error| error.message.as_ref());
    let text = match record.level >= Some(Level::Error) {
        true => record.message.as_ref().or(of_error),
        false => record.span_name.as_ref().or(record.message.as_ref()),
    };
    let text = text.map(|text| text.lines().next().unwrap_or_default());
    let text = text.unwrap_or_default();
    if text.len() <= MAX_TEXT_BYTES {
        return text.into();
    }
    let most = MAX_TEXT_BYTES - '…'.len_utf8();
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end));
    let kept = text.get(..end.unwrap_or(0)).unwrap_or_default();
    format!("{kept}…").into()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
