//! The JSON encoder. It writes text in place, into reused buffers.
//!
//! This module does not know what a line is. [`Members`] manages commas, escapes and the uniqueness of keys. [`Keys`] holds what can
//! be prepared from a call site's keys. [`Record`] visits a field set and writes each value to [`Members`] through one method, `put`.

mod base32;
#[cfg_attr(
    not(any(feature = "log", feature = "slog")),
    allow(dead_code, reason = "only bridged records have captured values")
)]
mod captured;
mod copies;
mod digits;
mod escape;
mod hex;
mod key_form;
mod keys;
mod last_of_each;
mod members;
mod number;
mod padded;
mod record;
mod redacted;
#[cfg_attr(
    not(any(feature = "log", feature = "slog")),
    allow(dead_code, reason = "only bridged records have captured values")
)]
mod repeated_keys;
mod reserved;
mod rules;
mod short_float;
#[cfg(feature = "slog")]
mod structured;
#[cfg(any(feature = "log", feature = "slog"))]
mod tidy;
mod timestamp;
mod unescaped;
mod unique;
mod unix_time;
#[cfg(tracing_unstable)]
mod valuable;
mod value;

#[cfg(any(feature = "log", feature = "slog"))]
pub(crate) use self::captured::object;
#[cfg(feature = "slog")]
pub(crate) use self::structured::capture;
#[cfg(feature = "log")]
pub(crate) use self::tidy::{text_of, tidy};
pub use self::timestamp::Precision;
pub(crate) use self::{
    base32::base32,
    copies::push_few,
    escape::{push_escaped, push_string},
    hex::push_hex,
    keys::{Keys, Place},
    members::Members,
    number::{NonFinite, push_f64, push_u64},
    padded::Padded,
    record::Record,
    redacted::{push_member, redact, redact_escaped},
    reserved::Reserved,
    rules::Rules,
    timestamp::Clock,
    unique::{push_unique, unique},
    unix_time::UnixTime,
    value::Value,
};
pub(crate) use self::{captured::Captured, value::push_sources};
