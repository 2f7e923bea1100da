//! The names and shapes of the fixed keys, with one file per published schema.

mod datadog;
mod ecs;
mod fixed_key;
mod gcp;
mod id_keys;
mod key_names;
mod otel;
mod rename;
mod shape;

pub use self::{fixed_key::FixedKey, shape::Schema};
pub(crate) use self::{
    id_keys::IdKeys,
    shape::{DurationUnit, Location},
};
