//! Tasks and threads: a job has the ids, the span and the baggage of where it was handed over.
//!
//! What is current is current on one thread. A job for another begins with nothing, and its lines have no ids; on a thread
//! that waits within something else it has those of that. One word takes along what is current where it is said:
//!
//! | where the job goes | how |
//! |---|---|
//! | `tokio::spawn` | `tokio::spawn(job().carry())` |
//! | `JoinSet` | `set.spawn(job().carry())` |
//! | `spawn_blocking` | `spawn_blocking(carry(\|\| …))` |
//! | `select!`, `join!` | nothing within one span; `.carry()` where each was made in its own |
//! | a cancelled or never polled future | the same `.carry()`: what it drops is dropped within |
//! | a stream | `.carry()` |
//! | `std::thread::spawn`, `thread::scope` | `thread::spawn(carry(\|\| …))` |
//! | rayon's `spawn`, `join` | `rayon::join(carry(\|\| …), carry(\|\| …))` |
//! | rayon's `par_iter`, `scope` | `let snapshot = ContextSnapshot::capture();` outside, `snapshot.in_scope(\|\| …)` inside |
//! | a callback, a queue of jobs | the same [`ContextSnapshot`], kept or sent |
//! | `Drop` while a panic unwinds | nothing: it is within until all is dropped, and nothing stays current |
//!
//! tracing's `.in_current_span()` takes the span alone: without baggage that was attached later, without a caller's context
//! where the request's span is filtered out, and for futures only. OpenTelemetry's `with_current_context` takes the context
//! alone, without the fields and the name of the span. Taken here are both, and the subscriber, where the other thread has none.
//!
//! # Tasks
//!
//! ```
//! use tokio::task::{JoinSet, spawn_blocking};
//! use tracing::{Instrument as _, info, info_span};
//! use tracing_stamp::carry::{Carry as _, carry};
//!
//! async fn job(step: &'static str) {
//!     info!(step, "a line with the request's ids");
//! }
//!
//! async fn handle() -> Result<(), tokio::task::JoinError> {
//!     tokio::spawn(job("spawned").carry()).await?;
//!     spawn_blocking(carry(|| info!("and this"))).await?;
//!
//!     let mut set = JoinSet::new();
//!     set.spawn(job("one of a set").carry());
//!     set.spawn_blocking(carry(|| info!("and this")));
//!     while let Some(ended) = set.join_next().await {
//!         ended?;
//!     }
//!     Ok(())
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(
//! handle().instrument(info_span!("request"))
//! # )?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Branches of `select!` and `join!` are polled, and the losers dropped, by the task that waits: they have its ids. Carry those
//! that were made elsewhere:
//!
//! ```
//! use tracing::{info, info_span};
//! use tracing_stamp::carry::Carry as _;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let first = info_span!("first").in_scope(|| async { info!("a line with the first's ids") }.carry());
//! let second = info_span!("second").in_scope(|| async { info!("a line with the second's ids") }.carry());
//! tokio::select! {
//!     () = first => {}
//!     () = second => {}
//! }
//! # });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What a future holds is dropped within, if it is cancelled half-way or was never polled at all. So is what a stream holds,
//! whichever tasks polled it:
//!
//! ```
//! use tokio_stream::StreamExt as _;
//! use tracing::{info, info_span};
//! use tracing_stamp::carry::Carry as _;
//!
//! struct Connection;
//!
//! impl Drop for Connection {
//!     fn drop(&mut self) {
//!         info!("closed: a line with the request's ids");
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let request = info_span!("request").entered();
//! let connection = Connection;
//! let job = async move { drop(connection) }.carry();
//! let mut rows = tokio_stream::iter([1, 2, 3]).map(|row| {
//!     info!(row, "read");
//!     row
//! }).carry();
//! drop(request);
//!
//! tokio::spawn(async { drop(job) }).await?;
//! assert_eq!(tokio::spawn(async move { rows.next().await }).await?, Some(1));
//! # Ok::<(), tokio::task::JoinError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Threads
//!
//! ```
//! use std::thread;
//! use tracing_stamp::carry::carry;
//! use tracing_stamp::opentelemetry::{
//!     Context,
//!     trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
//! };
//!
//! fn trace_id() -> TraceId {
//!     Context::current().span().span_context().trace_id()
//! }
//!
//! // A caller's context, without a span of this process.
//! let caller = SpanContext::new(TraceId::from(1), SpanId::from(2), TraceFlags::SAMPLED, true, TraceState::NONE);
//! let _attached = Context::new().with_remote_span_context(caller).attach();
//!
//! let carried = thread::spawn(carry(trace_id)).join().expect("no panic");
//! let left_behind = thread::spawn(trace_id).join().expect("no panic");
//! assert_eq!((carried, left_behind), (TraceId::from(1), TraceId::INVALID));
//!
//! let numbers = [1, 2, 3];
//! let sum = thread::scope(|scope| scope.spawn(carry(|| numbers.iter().sum::<i32>())).join().expect("no panic"));
//! assert_eq!(sum, 6);
//! ```
//!
//! A thread of rayon's that waits takes other jobs meanwhile. One that is not carried then has the ids of the job that waits:
//! carry all that log.
//!
//! ```
//! use rayon::prelude::*;
//! use tracing::info;
//! use tracing_stamp::carry::{ContextSnapshot, carry};
//!
//! let (one, other) = rayon::join(carry(|| 1), carry(|| 2));
//! rayon::spawn(carry(move || info!(sum = one + other, "spawned")));
//!
//! let snapshot = ContextSnapshot::capture();
//! [1, 2, 3].par_iter().for_each(|item| snapshot.in_scope(|| info!(item, "checked")));
//! rayon::scope(|scope| scope.spawn(|_| snapshot.in_scope(|| info!("in a scope"))));
//! ```
//!
//! # Panics
//!
//! What a job drops while it unwinds is dropped within, and nothing of it is current on that thread afterwards:
//!
//! ```
//! use std::panic::{catch_unwind, resume_unwind};
//! use tracing::{Span, info_span};
//! use tracing_stamp::carry::carry;
//!
//! let job = info_span!("request").in_scope(|| carry(|| resume_unwind(Box::new("oh"))));
//! catch_unwind(job).expect_err("it panics");
//! assert!(Span::current().is_none());
//! ```
//!
//! # Jobs that outlive their request
//!
//! A carried span stays open until the job is done and dropped: so the request's span takes as long as the job. A job that
//! nobody waits for has a span of its own, in a trace of its own, with a link:
//!
//! ```
//! use tracing::{Instrument as _, Span, info_span};
//!
//! async fn send_mail() {}
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let span = info_span!(parent: None, "send mail");
//! span.follows_from(Span::current());
//! tokio::spawn(send_mail().instrument(span));
//! # });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod carried;
mod closure;
mod context_snapshot;

pub use self::{
    carried::{Carried, Carry},
    closure::carry,
    context_snapshot::ContextSnapshot,
};
