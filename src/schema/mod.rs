//! Names and shapes of the fixed keys: one file per schema that others have specified.

mod datadog;
mod ecs;
mod fixed_key;
mod gcp;
mod id_keys;
mod otel;
mod rename;
mod shape;

pub use self::{fixed_key::FixedKey, shape::Schema};
pub(crate) use self::{
    id_keys::IdKeys,
    shape::{DurationUnit, Location},
};
