//! What the expansion of [`opentelemetry_of!`](crate::opentelemetry_of) calls. No part of the public interface.

use super::SpanRequest;
use crate::trace_context::{Told, TraceContext, ticket_for_builder};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak},
};
pub use tracing_core::Subscriber;
use tracing_core::{Dispatch, span::Id};
use tracing_subscriber::registry::ExtensionsMut;
pub use tracing_subscriber::registry::{Extensions, LookupSpan};

/// Whether this thread's OpenTelemetry context can still be asked for.
///
/// `Context::map_current` panics once the thread's locals are destroyed, and a panic in a destructor aborts the process.
/// Locals are destroyed in the reverse order of their creation. A thread-local of this type is created after
/// OpenTelemetry's, so it is destroyed first: while it is there, the other is.
#[derive(Debug)]
pub struct Reachable(bool);

impl Reachable {
    /// Learns it by a look at the context.
    #[must_use]
    pub fn learn(look: fn()) -> Self {
        // Where OpenTelemetry's local is destroyed already (it was used on this thread, and nothing has logged
        // before), the panic must not leave.
        Self(catch_unwind(look).is_ok())
    }

    /// Whether it was reachable.
    #[inline]
    #[must_use]
    pub fn get(&self) -> bool {
        self.0
    }
}

impl Drop for Reachable {
    fn drop(&mut self) {
        // A destructor, though an empty one: without one, the order of destruction would not hold for this local.
        self.0 = false;
    }
}

/// Runs `f`; `None` where it panics.
///
/// OpenTelemetry logs while it holds its context mutably. An event of its own does not ask for the context, but another
/// layer may turn such an event into one with another target.
#[inline]
pub fn guarded<T>(f: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(f)).ok()
}

/// `get_otel_context` as one of the versions of `tracing-opentelemetry` has it.
#[diagnostic::on_unimplemented(
    message = "this `tracing-opentelemetry` is not built on this `opentelemetry`",
    label = "`opentelemetry_of!` needs the version of `opentelemetry` that `tracing-opentelemetry` depends on",
    note = "`cargo tree -i opentelemetry` lists the versions in this program and what depends on each"
)]
pub trait GetContext<By, C> {
    /// Calls it.
    fn get_context(&self, request: &SpanRequest<'_>) -> Option<C>;
}

/// Its signature in 0.32.1.
#[derive(Debug)]
pub struct ByExtensions;

/// Its signature since 0.33.
#[derive(Debug)]
pub struct ById;

impl<F, C> GetContext<ByExtensions, C> for F
where
    F: Fn(&mut ExtensionsMut<'_>, &Dispatch) -> Option<C>,
{
    fn get_context(&self, request: &SpanRequest<'_>) -> Option<C> {
        let mut context = None;
        request.with_extensions(|extensions| context = self(extensions, request.dispatch()));
        context
    }
}

impl<F, C> GetContext<ById, C> for F
where
    F: Fn(&Id, &Dispatch) -> Option<C>,
{
    #[inline]
    fn get_context(&self, request: &SpanRequest<'_>) -> Option<C> {
        self(request.id(), request.dispatch())
    }
}

/// Calls `get_otel_context`, whichever signature it has.
#[inline]
pub fn get_context<By, C>(get: impl GetContext<By, C>, request: &SpanRequest<'_>) -> Option<C> {
    get.get_context(request)
}

/// In the upper half of the bytes of a ticket.
const TICKET: [u8; 8] = *b"tracitkt";

/// A ticket for the builder of the span that is being made on this thread, in the bytes of a trace id.
#[must_use]
pub fn ticket() -> Option<[u8; 16]> {
    let mut ticket = [0; 16];
    ticket[..8].copy_from_slice(&TICKET);
    ticket[8..].copy_from_slice(&ticket_for_builder()?.to_be_bytes());
    Some(ticket)
}

/// Whether the bytes are a ticket.
#[must_use]
pub fn is_ticket(bytes: &[u8; 16]) -> bool {
    bytes.starts_with(&TICKET)
}

/// A span that starts, and whose ids are waited for.
#[derive(Debug)]
pub struct Starting(Arc<Told>);

impl Starting {
    /// Redeems a ticket: once, and only while a layer reads what will be reported.
    #[must_use]
    pub fn of(ticket: [u8; 16]) -> Option<Self> {
        let [.., a, b, c, d, e, f, g, h] = ticket;
        Told::redeem(u64::from_be_bytes([a, b, c, d, e, f, g, h])).map(Self)
    }

    /// Reports what the span has started with: its own ids, and its parent's.
    pub fn report(self, own: Option<TraceContext>, parent: Option<TraceContext>) {
        self.0.write(own, parent);
    }
}

/// Held by a tracer as long as there is one.
#[derive(Clone, Debug)]
pub struct InUse(#[allow(dead_code, reason = "it is counted")] Arc<()>);

impl InUse {
    /// One to hold, and a reference by which to learn whether it is still held.
    pub(crate) fn new() -> (Self, Weak<()>) {
        let held = Arc::new(());
        let weak = Arc::downgrade(&held);
        (Self(held), weak)
    }
}
