//! Finds a trace by its id in any log files and on log servers, and draws it as a tree of spans with their lines.
//!
//! ```
//! use tracegrep::{Drawing, Outcome, Search, Tree};
//!
//! # fn main() -> Result<(), tracegrep::InvalidTraceId> {
//! let log = r#"{"timestamp":"2026-11-29T16:00:00.1Z","level":"INFO","message":"order placed","service.name":"orders","span_name":"POST /orders","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}"#;
//! let found = Search::new()
//!     .with_reader("orders.log", log.as_bytes())
//!     .find(&"4bf92f35".parse()?);
//! let Outcome::Trace(trace) = found.outcome else {
//!     panic!("one trace has this prefix");
//! };
//! let drawing = Drawing::new().with_width(60).draw(&Tree::of(&trace));
//! assert!(drawing.contains("POST /orders orders"));
//! assert!(drawing.contains("+0ms INFO  order placed"));
//! # Ok(())
//! # }
//! ```
//!
//! | you want to | use |
//! |---|---|
//! | parse what a user gives as an id | [`TraceQuery`] |
//! | find the lines of a trace in files, folders and other input | [`Search`] |
//! | find out which traces to look at | [`Search::find_top`], [`TraceSummary`] |
//! | get each trace when it has ended, or each new line of a trace | [`Follow`] |
//! | make such searches of compressed files fast | [`write_indexes`] |
//! | read these lines in order of time, and what each of them means | [`Trace`], [`Line`], [`Record`] |
//! | rebuild the spans | [`Tree`], [`Span`] |
//! | draw them for a terminal | [`Drawing`] |
//! | write them as JSON, for a ticket, or as a page for a browser | [`json()`], [`markdown()`], [`html()`] |
//! | write them for other viewers, or send them to a tracing backend | [`export`] |
//!
//! With the feature `servers`, a [`Search`] also asks Loki, OpenSearch, VictoriaLogs and Jaeger: `Search::with_server`. It builds an HTTP
//! client. The program always has it.
//!
//! The program is described in the [guide](https://github.com/tracing-stamp/tracing-stamp/blob/main/docs/tracegrep.md). The library prints
//! nothing, and does not panic.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod draw;
pub mod export;
mod follow;
mod id;
mod output;
mod printable;
mod record;
mod search;
#[cfg(feature = "servers")]
mod server;
mod time_text;
mod trace;
mod tree;

#[cfg(feature = "servers")]
pub use self::server::{InvalidServer, Server, ServerKind};
pub use self::{
    draw::Drawing,
    follow::{Event, Follow, Following},
    id::{InvalidTraceId, TraceId, TraceQuery},
    output::{html, json, json_of_summaries, markdown},
    record::{
        ErrorDetails, Field, InvalidField, Keys, Level, Moment, Part, Reader, Record, SpanTimes,
    },
    search::{
        Candidate, Found, Indexed, Order, Outcome, Problem, Progress, Search, Top, TraceSummary,
        write_indexes,
    },
    trace::{Line, Trace},
    tree::{Evidence, Span, Timing, Tree},
};
