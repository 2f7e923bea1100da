//! Turns `log` records into `tracing` events: typed, with ids, and subject to the subscriber's filters.
//!
//! Use [`install`] to make this crate's logger the only one, and [`Logger`] to combine it with other loggers.
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
//! Each place that logs gets a `tracing` call site with its own target, module, file, line, level and keys. So filters apply to it as to
//! any event of `tracing`, and other layers see an ordinary event. Beyond 16,384 places, or with more than 63 keys, records share a call
//! site. A stamping layer still writes the same line. Other layers see the record's target, module, file, line and key-values as the
//! fields `record.target`, `record.module_path`, `record.file`, `record.line` and `record.fields`.
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
//! If several key-values have the same key, the last is written.
//!
//! # `tracing-log`
//!
//! `tracing_subscriber`'s `init()` and `try_init()` install a logger of their own, which drops key-values, unless the feature
//! `tracing-log` is off. Use `tracing::subscriber::set_global_default` instead.

mod install;
mod key_values;
mod level;
mod log_always;
mod logger;
mod structured;

pub use self::{install::install, logger::Logger};
