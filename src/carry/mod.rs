//! Carries ids, span and baggage to other tasks and threads.
//!
//! The current span and context belong to one thread. A job on another thread starts without them, so its lines have no ids. If that
//! thread is waiting in the middle of another job, the lines have the ids of that other job. One call carries the current context along:
//!
//! | where the job runs | what to write |
//! |---|---|
//! | `tokio::spawn` | `tokio::spawn(job().carry())` |
//! | `JoinSet` | `set.spawn(job().carry())` |
//! | `spawn_blocking` | `spawn_blocking(carry(\|\| …))` |
//! | `select!`, `join!` | nothing, if all branches belong to the current span; `.carry()` on each branch that was created in another span |
//! | a future that is cancelled or never polled | the same `.carry()`: its values are dropped within the context |
//! | a stream | `.carry()` |
//! | `std::thread::spawn`, `thread::scope` | `thread::spawn(carry(\|\| …))` |
//! | rayon's `spawn`, `join` | `rayon::join(carry(\|\| …), carry(\|\| …))` |
//! | rayon's `par_iter`, `scope` | `let snapshot = ContextSnapshot::capture();` outside, and `snapshot.in_scope(\|\| …)` inside |
//! | a callback, a queue of jobs | a [`ContextSnapshot`], which is kept or sent with the job |
//! | `Drop` while a panic unwinds | nothing: values are dropped within the context, and nothing stays current afterwards |
//!
//! `tracing`'s `.in_current_span()` carries only the span, and only into futures. It leaves out baggage that was attached later. If a
//! filter hides the request's span, it leaves out the caller's context too. OpenTelemetry's `with_current_context` carries only the
//! context, without the span's name and fields. This module carries both, and also the subscriber if the other thread has none.
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
//! The task that awaits `select!` or `join!` also polls the branches, and drops those that lose, so they have the ids of that task.
//! Carry branches that were created in other spans:
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
//! The values of a future are dropped within the context, even if it is cancelled or never polled. The same holds for a stream, no
//! matter which tasks polled it:
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
//! A waiting rayon thread runs other jobs in the meantime. A job that is not carried then has the ids of the waiting job, so carry every
//! job that logs.
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
//! Values dropped while a job unwinds are dropped within the context, and nothing of it stays current on the thread:
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
//! A carried span stays open until the job is finished and dropped, so the request's span lasts as long as the job. If nothing waits for
//! the job, give it its own span in its own trace, with a link:
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
