//! `log` records as `tracing` events: typed, with ids, under the subscriber's filters.
//!
//! ```
//! use tracing_subscriber::prelude::*;
//!
//! tracing::subscriber::set_global_default(tracing_subscriber::registry().with(tracing_stamp::layer()))?;
//! tracing_stamp::bridge::log::install()?;
//!
//! log::info!(target: "shop::orders", order = 1017, paid = true; "order placed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! writes
//!
//! ```json
//! {"timestamp":"2026-11-22T11:04:00.123456Z","level":"INFO","message":"order placed","target":"shop::orders","order":1017,"paid":true}
//! ```
//!
//! Each place that logs gets a call site of `tracing` with its own target, module, file, line, level and keys: filters decide
//! as they do for an event of `tracing`, and every other layer sees an ordinary event. After 16,384 places, or with more than
//! 63 keys, a record shares a call site with others: a stamping layer writes it as before, other layers see its target,
//! module, file, line and key-values as the fields `record.target` to `record.fields`.
//!
//! # Values
//!
//! | `log` | on the line |
//! |---|---|
//! | integers, floats, booleans, strings | as they are ([`ARCHITECTURE.md`](https://github.com/tracing-stamp/tracing-stamp/blob/main/ARCHITECTURE.md#the-line)) |
//! | errors (`:err`) | the message, and the sources as a list |
//! | `:?` and `:%` | text |
//! | `:serde` and `:sval` | a scalar as it is, anything else as JSON |
//! | null | no field |
//!
//! Of two key-values with one key the last is written.
//!
//! # `tracing-log`
//!
//! `tracing_subscriber`'s `init()` and `try_init()` install a logger of their own, which drops key-values, unless its
//! `tracing-log` feature is off: use `tracing::subscriber::set_global_default`.

mod copies;
mod install;
mod key_values;
mod level;
mod logger;
mod structured;

pub use self::{install::install, logger::Logger};
