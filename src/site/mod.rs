//! Call sites for records that do not come from `tracing`. Each is created when its first record arrives.
//!
//! `tracing` identifies a call site by [`Metadata`](tracing_core::Metadata) that live as long as the process, and filters decide by
//! them. So each place that logs through `log` or `slog` gets a [`Site`]: metadata with the record's own target, level, file, line
//! and keys, which are never freed. Their number is bounded by [`MAX_SITES`], since targets and keys can be created at run
//! time. A record beyond that bound is [`Unplaced`].
//!
//! A field set cannot express everything about a record. While a record's event is dispatched, a stamping layer finds the rest in
//! this module's thread-locals: [which fields](json_fields) contain JSON, and [the record itself](unplaced) if it has no site.

mod json_fields;
mod name;
mod place;
#[allow(
    clippy::module_inception,
    reason = "the module is named after its main type"
)]
mod site;
mod sites;

mod unplaced;

#[cfg(feature = "log")]
pub(crate) use self::sites::{find_of_one, recent};
pub(crate) use self::{
    json_fields::{json_fields, with_json_fields},
    name::Name,
    place::Place,
    site::{Enabled, Site, ask},
    sites::{find, of},
    unplaced::{Unplaced, unplaced},
};
#[cfg(feature = "slog")]
pub(crate) use self::{
    site::Key,
    sites::{REMEMBERED, slot_of_place},
};

/// The maximum number of call sites, of some hundred bytes each. Even large applications have fewer call sites that log through macros.
pub(crate) const MAX_SITES: usize = 16_384;

/// The maximum number of keys of a site. A bit set marks the fields that are JSON, and one of its 64 bits is for the message.
pub(crate) const MAX_KEYS: usize = 63;
