//! The names and shapes of the fixed keys, with one file per published schema.

mod datadog;
mod ecs;
mod fixed_key;
mod gcp;
mod id_keys;
#[cfg(any(feature = "setup", feature = "ship"))]
mod line_reader;
mod otel;
mod rename;
mod shape;

#[cfg(any(feature = "setup", feature = "ship"))]
pub(crate) use self::line_reader::LineReader;
#[cfg(feature = "ship")]
pub(crate) use self::line_reader::{Located, key_of, member};
pub use self::{fixed_key::FixedKey, shape::Schema};
pub(crate) use self::{
    id_keys::IdKeys,
    shape::{DurationUnit, Location},
};
