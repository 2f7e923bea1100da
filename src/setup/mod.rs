//! One call at start-up.

mod builder;
mod checks;
mod env;
mod exporter;
mod filter;
mod guard;
mod install;
mod pretty;
mod propagators;
mod resource;
mod settings;

pub use self::{
    builder::{Setup, SpanEvents, init, setup},
    filter::FilterHandle,
    guard::{Guard, Report},
    settings::Format,
};
