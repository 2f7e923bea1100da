//! The encoder: JSON text made in place, in buffers that are used again.
//!
//! Nothing here knows what a line is. [`Members`] owns commas, escapes and the uniqueness of keys; [`Keys`] is what can
//! be prepared of a call site's keys; [`Record`] takes what a field set visits into members through one `put`.

mod escape;
mod hex;
mod keys;
mod members;
mod number;
mod record;
mod reserved;
mod scan;
mod timestamp;
mod unique;
mod value;

pub use self::timestamp::Precision;
pub(crate) use self::{
    escape::{push_escaped, push_string},
    hex::push_hex,
    keys::Keys,
    members::Members,
    number::{NonFinite, push_f64, push_u64},
    record::Record,
    reserved::Reserved,
    scan::{Entry, entries},
    timestamp::Clock,
    unique::unique,
    value::{Rules, Value},
};
