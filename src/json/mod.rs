//! The encoder: JSON text made in place, in buffers that are used again.
//!
//! Nothing here knows what a line is. [`Members`] owns commas, escapes and the uniqueness of keys; [`Keys`] is what can
//! be prepared of a call site's keys; [`Record`] takes what a field set visits into members through one `put`.

#[cfg_attr(
    not(any(feature = "log", feature = "slog")),
    allow(dead_code, reason = "only bridged records have captured values")
)]
mod captured;
mod escape;
mod hex;
mod keys;
mod members;
mod number;
mod record;
#[cfg_attr(
    not(any(feature = "log", feature = "slog")),
    allow(dead_code, reason = "only bridged records have captured values")
)]
mod repeated_keys;
mod reserved;
mod scan;
#[cfg(feature = "slog")]
mod structured;
#[cfg(any(feature = "log", feature = "slog"))]
mod tidy;
mod timestamp;
mod unique;
#[cfg(tracing_unstable)]
mod valuable;
mod value;

#[cfg(any(feature = "log", feature = "slog"))]
pub(crate) use self::captured::object;
#[cfg(feature = "slog")]
pub(crate) use self::structured::capture;
#[cfg(feature = "log")]
pub(crate) use self::tidy::{text_of, tidy};
#[cfg(any(feature = "setup", feature = "ship"))]
pub(crate) use self::scan::Scan;
pub use self::timestamp::Precision;
pub(crate) use self::{captured::Captured, value::push_sources};
pub(crate) use self::{
    escape::{push_escaped, push_string},
    hex::push_hex,
    keys::{Keys, Place},
    members::Members,
    number::{NonFinite, push_f64, push_u64},
    record::Record,
    reserved::Reserved,
    scan::{Entry, entries},
    timestamp::Clock,
    unique::unique,
    value::{Rules, Value},
};
