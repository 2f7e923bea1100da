//! Everything about a call site that never changes, rendered once.

use super::{core::Core, exported_name, log_tracer::is_log_tracers, span_state::SpanState};
use crate::{
    json::{Keys, Place, push_escaped, push_string, push_u64},
    schema::{FixedKey, Location},
    site::{self, Site},
    stats::{Stats, UnstampedCounter},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tracing_core::Metadata;

/// The target of the spans that this crate makes for requests.
const OWN_SPANS: &str = "tracing_stamp::http";

fn place_in_event(name: &str) -> Place {
    if name == "message" {
        Place::Message
    } else {
        Place::Member
    }
}

/// The other fields of a record of `tracing-log` say where it was logged.
fn place_in_record(name: &str) -> Place {
    if name == "message" {
        Place::Message
    } else {
        Place::Nowhere
    }
}

/// Fields `otel.…` of these spans are for OpenTelemetry's layer: lines have the exported name as their `span_name`, and need no kind.
fn place_in_own_span(name: &str) -> Place {
    if name.starts_with("otel.") {
        Place::Nowhere
    } else {
        Place::Member
    }
}

/// A call site, event's or span's, as one layer writes it.
#[derive(Debug)]
pub(super) struct Callsite {
    pub(super) metadata: &'static Metadata<'static>,
    /// From the timestamp's closing quote to the message's opening quote: the level.
    pub(super) head: Box<[u8]>,
    /// From the message's closing quote to the ids: constants of the schema, target.
    pub(super) tail: Box<[u8]>,
    /// Behind the ids: resource, file, line.
    pub(super) place: Box<[u8]>,
    /// `,"span_name":"…"`, of a span.
    pub(super) span_name: Box<[u8]>,
    /// `,"span_name":`, of a span that is exported under a name of its own.
    pub(super) span_name_key: Box<[u8]>,
    /// Whether spans of this call site are such.
    pub(super) has_exported_name: bool,
    /// `{"name":"…"`, of a span.
    pub(super) list_head: Box<[u8]>,
    pub(super) keys: Keys,
    /// OpenTelemetry's own: such an event touches no context and no span.
    pub(super) is_opentelemetrys: bool,
    /// Its events come from another logging crate.
    is_bridged: bool,
    /// They may be of a client of this crate's own, through `log` or `tracing-log`: see `quiet`.
    pub(super) may_be_own: bool,
    /// They are of records that have no call site of their own, or do not show it.
    pub(super) is_shared: bool,
    /// They are those of [`log_tracer`](super::log_tracer).
    pub(super) is_log_tracers: bool,
    /// OpenTelemetry has had a context for a span of this call site.
    was_seen: AtomicBool,
    /// It has had none.
    was_hidden: AtomicBool,
    unstamped: UnstampedCounter,
}

impl Callsite {
    fn new(core: &Core, metadata: &'static Metadata<'static>) -> Self {
        let site = site::of(metadata);
        if metadata.is_span() {
            core.settings.stats.note_span(metadata.name());
        }
        Self {
            is_bridged: site.is_some(),
            may_be_own: site.is_some() || metadata.target() == "log",
            is_shared: site.is_some_and(Site::is_shared) || is_log_tracers(metadata),
            ..Self::at(core, metadata, metadata)
        }
    }

    /// The call site that `place` says, where that is another than the metadata's.
    pub(super) fn at(
        core: &Core,
        metadata: &'static Metadata<'static>,
        place: &Metadata<'_>,
    ) -> Self {
        let settings = &core.settings;
        let schema = &settings.schema;
        let prepared = core.prepared();

        let mut head = b"\"".to_vec();
        push_member(&mut head, schema.name(FixedKey::Level), |out| {
            push_string(out, schema.level(*place.level()));
        });
        push_member(&mut head, schema.name(FixedKey::Message), |out| {
            out.push(b'"')
        });

        let mut tail = b"\"".to_vec();
        for (name, value) in schema.constants() {
            push_member(&mut tail, name, |out| push_string(out, value));
        }
        if settings.target {
            push_member(&mut tail, schema.name(FixedKey::Target), |out| {
                push_string(out, place.target());
            });
        }

        let mut behind_ids = prepared.resource.text().to_vec();
        push_location(&mut behind_ids, core, place);

        let has_exported_name = metadata.target() == OWN_SPANS && exported_name::has_one(metadata);
        let mut span_name_key = Vec::new();
        if has_exported_name {
            push_member(&mut span_name_key, schema.name(FixedKey::SpanName), |_| ());
        }
        let mut span_name = Vec::new();
        let mut list_head = Vec::new();
        let fields = metadata.fields().iter().map(|field| field.name());
        let keys = if metadata.is_span() {
            push_member(&mut span_name, schema.name(FixedKey::SpanName), |out| {
                push_string(out, metadata.name());
            });
            list_head.extend_from_slice(b"{\"name\":");
            push_string(&mut list_head, metadata.name());
            let place_of = if metadata.target() == OWN_SPANS {
                place_in_own_span
            } else {
                |_: &str| Place::Member
            };
            Keys::new(fields, core.span_reserved(), place_of)
        } else {
            let place_of = if is_log_tracers(metadata) {
                place_in_record
            } else {
                place_in_event
            };
            Keys::new(fields, &prepared.reserved, place_of)
        };

        Self {
            metadata,
            head: head.into(),
            tail: tail.into(),
            place: behind_ids.into(),
            span_name: span_name.into(),
            span_name_key: span_name_key.into(),
            has_exported_name,
            list_head: list_head.into(),
            keys,
            is_opentelemetrys: is_opentelemetrys(place),
            is_bridged: false,
            may_be_own: false,
            is_shared: false,
            is_log_tracers: is_log_tracers(metadata),
            was_seen: AtomicBool::new(false),
            was_hidden: AtomicBool::new(false),
            unstamped: UnstampedCounter::default(),
        }
    }
}

impl Callsite {
    /// Notes whether OpenTelemetry has a context for a span of this call site.
    pub(super) fn note_answer(&self, is_seen: bool) {
        let flag = if is_seen {
            &self.was_seen
        } else {
            &self.was_hidden
        };
        // Read first: a store takes the flag away from all other threads.
        if !flag.load(Relaxed) {
            flag.store(true, Relaxed);
        }
    }

    /// Whether OpenTelemetry has had a context for each span of this call site that it was asked for.
    #[inline]
    pub(super) fn is_always_seen(&self) -> bool {
        self.was_seen.load(Relaxed) && !self.was_hidden.load(Relaxed)
    }

    /// The fields of the event under way, as bits by their index, whose `Debug` writes JSON.
    #[inline]
    pub(super) fn json_fields(&self) -> u64 {
        if self.is_bridged {
            site::json_fields()
        } else {
            0
        }
    }

    /// Counts a line without ids. OpenTelemetry's own never have any, so nobody has forgotten a context there.
    #[inline]
    pub(super) fn count_unstamped(&self, stats: &Stats) {
        stats.count_unstamped();
        if !self.is_opentelemetrys {
            self.unstamped.count(stats, self.metadata);
        }
    }

    #[inline]
    pub(super) fn is_span(&self) -> bool {
        !self.span_name.is_empty()
    }
}

/// Whether OpenTelemetry logs here, from within its own borrows and locks.
pub(crate) fn is_opentelemetrys(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("opentelemetry")
}

/// `,"name":` and what `push` appends.
pub(super) fn push_member(out: &mut Vec<u8>, name: &str, push: impl FnOnce(&mut Vec<u8>)) {
    out.push(b',');
    push_string(out, name);
    out.push(b':');
    push(out);
}

fn push_location(out: &mut Vec<u8>, core: &Core, metadata: &Metadata<'_>) {
    let settings = &core.settings;
    let schema = &settings.schema;
    let file = metadata.file().filter(|_| settings.file);
    let line = metadata.line().filter(|_| settings.line_number);
    match schema.location {
        Location::Keys => {
            if let Some(file) = file {
                push_member(out, schema.name(FixedKey::File), |out| {
                    push_string(out, file)
                });
            }
            if let Some(line) = line {
                push_member(out, schema.name(FixedKey::Line), |out| {
                    push_u64(out, line.into())
                });
            }
        }
        Location::Object if file.is_some() || line.is_some() => {
            push_member(out, schema.name(FixedKey::File), |out| {
                out.extend_from_slice(b"{\"file\":\"");
                push_escaped(out, file.unwrap_or_default());
                out.extend_from_slice(b"\",\"line\":\"");
                // Zero is how this object says that the line is not known.
                push_u64(out, line.unwrap_or_default().into());
                out.extend_from_slice(b"\"}");
            });
        }
        Location::Object => {}
    }
}

/// A layer's call sites, by the address of their metadata, which is as long-lived as the process.
#[derive(Debug, Default)]
pub(super) struct Callsites {
    known: RwLock<HashMap<usize, Arc<Callsite>>>,
}

impl Callsites {
    pub(super) fn get(&self, core: &Core, metadata: &'static Metadata<'static>) -> Arc<Callsite> {
        let address = address(metadata);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(callsite) = known.get(&address) {
            return Arc::clone(callsite);
        }
        drop(known);
        let callsite = Callsite::new(core, metadata);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(address).or_insert_with(|| Arc::new(callsite)))
    }
}

#[inline]
fn address(metadata: &'static Metadata<'static>) -> usize {
    std::ptr::from_ref(metadata) as usize
}

/// How many call sites a thread remembers; a power of two.
const REMEMBERED: usize = 256;

/// The call sites that this thread used last, of all layers: found without a lock and without counting references.
pub(super) struct Recent {
    slots: Box<[Option<Slot>; REMEMBERED]>,
}

pub(super) struct Slot {
    layer: u64,
    address: usize,
    pub(super) callsite: Arc<Callsite>,
    /// The state of a span of this call site that has ended, for the next one to use.
    pub(super) spare: Option<Arc<SpanState>>,
}

impl Slot {
    #[inline]
    fn is_of(&self, layer: u64, address: usize) -> bool {
        self.address == address && self.layer == layer
    }
}

/// Where a call site of a layer is remembered.
#[inline]
fn index(layer: u64, address: usize) -> usize {
    // Metadata is over a hundred bytes long, so the low bits of addresses say little.
    ((address >> 4) ^ (address >> 12) ^ layer as usize) & (REMEMBERED - 1)
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            slots: Box::new([const { None }; REMEMBERED]),
        }
    }
}

impl Recent {
    #[inline]
    pub(super) fn get(&mut self, core: &Core, metadata: &'static Metadata<'static>) -> &mut Slot {
        let address = address(metadata);
        let slot = &mut self.slots[index(core.id, address)];
        if !slot
            .as_ref()
            .is_some_and(|slot| slot.is_of(core.id, address))
        {
            *slot = None;
        }
        slot.get_or_insert_with(|| Slot {
            layer: core.id,
            address,
            callsite: core.callsites.get(core, metadata),
            spare: None,
        })
    }

    /// Whether an event or a span of the call site at this place, of the very same texts, was among the last on this thread.
    #[cfg(feature = "log")]
    pub(super) fn has(&self, target: &str, file: &str, line: u32) -> bool {
        self.slots.iter().flatten().any(|slot| {
            let metadata = slot.callsite.metadata;
            metadata.line() == Some(line)
                && metadata.file().is_some_and(|own| std::ptr::eq(own, file))
                && std::ptr::eq(metadata.target(), target)
        })
    }

    /// Keeps the state of a span that has ended, if its call site is remembered.
    pub(super) fn keep_spare(&mut self, layer: u64, spare: Arc<SpanState>) {
        let address = address(spare.callsite.metadata);
        if let Some(slot) = &mut self.slots[index(layer, address)]
            && slot.is_of(layer, address)
        {
            slot.spare = Some(spare);
        }
    }
}
