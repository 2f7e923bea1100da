//! What programs that touch log files on the disk must agree on: how files are opened safely, who owns them, what identifies them, and
//! where the fixed keys of a line are.
//!
//! This crate is used by [`tracing-stamp`](https://docs.rs/tracing-stamp), which writes and rotates log files, and by
//! [`traceship`](https://docs.rs/traceship), which ships them. It depends on neither `tracing` nor OpenTelemetry, and does not panic.
//!
//! | you want to | use |
//! |---|---|
//! | find time, level, message and ids in a line | [`LineReader`] |
//! | find the members of a JSON line | [`json::Scan`] |
//! | open or create a file beside a log | [`disk`] |
//! | keep a second process away from a file | [`Lock`] |
//! | recognise a file under another name | [`Identity`] |
//! | print text that came from a file or a server | [`Printable`] |
//! | print an address without its secrets | [`redacted`] |

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod calendar;
pub mod disk;
mod hash;
mod identity;
pub mod json;
mod key_names;
#[cfg(feature = "read")]
mod line_reader;
mod lock;
mod printable;
mod redact;

#[cfg(feature = "read")]
pub use self::line_reader::{LineReader, Located, key_of, member};
pub use self::{
    hash::fnv1a,
    identity::{Identity, is_removed},
    key_names::{DATADOG, ECS, GCP, KeyNames, OTEL},
    lock::Lock,
    printable::{Printable, excerpt},
    redact::{UrlParts, redacted},
};
