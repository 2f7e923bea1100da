//! The level of one trace, above the filter: through three services over HTTP, and in code.

#[path = "../support/mod.rs"]
mod support;

mod chain;
mod in_code;
mod requests;
mod service;
