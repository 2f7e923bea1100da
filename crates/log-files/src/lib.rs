//! Finds, watches and reads log files, by rules that all programs share that write, rotate or ship the same files: the names of rotated
//! files, how to identify a file, safe access, the text of compressed files, lines, times, and where the fixed keys of a line are.
//!
//! This crate is used by [`tracing-stamp`](https://docs.rs/tracing-stamp), which writes and rotates log files, and by
//! [`traceship`](https://docs.rs/traceship), which ships them. It depends on neither `tracing` nor OpenTelemetry, and does not panic.
//!
//! | you want to | use |
//! |---|---|
//! | know which names rotated files have, and in which order they were written | `names` |
//! | find files and their rotated versions | `discover` |
//! | know which of them changed since they were last checked | `watch` |
//! | read the text of a file, plain or compressed, even if the compressed file is damaged | `content` |
//! | split it into lines in bounded memory, without runs of NUL bytes | `lines` |
//! | unwrap the lines that Docker and Kubernetes store | `wrapped` |
//! | find time, level, message and ids in a line | `LineReader` |
//! | parse the time of a line | `time` |
//! | find the members of a JSON line | [`json::Scan`] |
//! | know in which parts of a compressed file a trace id may be | `trace_index` |
//! | open or create a file beside a log | [`disk`] |
//! | keep a second process away from a file | [`Lock`] |
//! | recognise a file under another name | [`FileKey`] |
//! | print text that came from a file or a server | [`Printable`] |
//! | print an address without its secrets | [`redacted`] |
//!
//! `LineReader` and `time` need the feature `lines`, and `trace_index` the feature of that name. The other items without a link need the feature `read`, which includes `lines` and is
//! on by default.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod bytes;
pub mod calendar;
#[cfg(feature = "read")]
pub mod content;
#[cfg(feature = "read")]
pub mod discover;
pub mod disk;
mod elastic_keys;
mod file_key;
mod hash;
pub mod json;
mod key_names;
#[cfg(feature = "lines")]
mod line_reader;
#[cfg(feature = "read")]
pub mod lines;
mod lock;
#[cfg(feature = "read")]
pub mod names;
mod printable;
mod redact;
mod removed;
#[cfg(feature = "lines")]
pub mod time;
#[cfg(feature = "trace-index")]
pub mod trace_index;
#[cfg(feature = "read")]
pub mod watch;
#[cfg(feature = "read")]
pub mod wrapped;

pub use self::{
    bytes::all_bytes,
    elastic_keys::{METADATA_FIELDS, without_blank_parts},
    file_key::FileKey,
    hash::fnv1a,
    key_names::{DATADOG, ECS, GCP, KeyNames, OTEL},
    lock::Lock,
    printable::{Printable, excerpt, write_causes},
    redact::{UrlParts, redacted},
    removed::is_removed,
};
#[cfg(feature = "read")]
pub use self::{
    content::{Content, PipeContent},
    lines::{LineSplitter, Lines, RawLine, is_binary},
    wrapped::{Joined, Joiner, Part, Stream, Wrapping},
};
#[cfg(feature = "lines")]
pub use self::{
    line_reader::{LineLocator, LineReader, Located, TextRange, key_of, member},
    time::{Time, Unit, parse_time},
};
