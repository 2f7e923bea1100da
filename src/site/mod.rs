//! Call sites of records that do not come from `tracing`, made when they are first seen.
//!
//! `tracing` knows a call site by [`Metadata`](tracing_core::Metadata) that live as long as the process, and filters
//! decide by them. So each place that logs through `log` or `slog` gets a [`Site`]: metadata with the record's own target,
//! level, file, line and keys, which are kept for ever. Their number is bounded ([`MAX_SITES`]), since targets and keys can
//! be made at run time; what comes after that is [`Unplaced`].
//!
//! What a field set cannot say of a record, a stamping layer finds here while the record's event is under way on its thread:
//! [which fields](json_fields) are JSON already, and [the record itself](unplaced) where it has no site.

mod name;
mod place;
#[allow(
    clippy::module_inception,
    reason = "the room is named after what it is about"
)]
mod site;
mod sites;
mod under_way;
mod unplaced;

#[cfg(feature = "log")]
pub(crate) use self::sites::{find_of_one, recent};
pub(crate) use self::{
    name::Name,
    place::Place,
    site::{Enabled, Site, ask},
    sites::{find, of},
    under_way::{json_fields, with_json_fields},
    unplaced::{Unplaced, unplaced},
};
#[cfg(feature = "slog")]
pub(crate) use self::{
    site::Key,
    sites::{REMEMBERED, slot_of_place},
};

/// So many call sites are kept, each for some hundred bytes: more than a large application has that logs through its macros.
pub(crate) const MAX_SITES: usize = 16_384;

/// So many keys a site can have: those that are JSON are told as bits, of which the message has one.
pub(crate) const MAX_KEYS: usize = 63;
