//! Functions for the expansion of [`opentelemetry_of!`](crate::opentelemetry_of). They are not part of the public interface.

use super::SpanRequest;
use crate::trace_context::{ReportedIds, TraceContext, creation::ticket_for_builder};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak},
};
pub use tracing_core::Subscriber;
use tracing_core::{Dispatch, span::Id};
use tracing_subscriber::registry::ExtensionsMut;
pub use tracing_subscriber::registry::{Extensions, LookupSpan};

/// Whether this thread's OpenTelemetry context is still in reach.
///
/// `Context::map_current` panics once the thread's locals are destroyed, and a panic in a destructor aborts the process.
/// Locals are destroyed in the reverse order of their creation. A thread-local of this type is created after
/// OpenTelemetry's, so it is destroyed first: as long as it exists, so does the other.
#[derive(Debug)]
pub struct Reachable(bool);

impl Reachable {
    /// Finds out by looking at the context.
    #[must_use]
    pub fn learn(look: fn()) -> Self {
        // If OpenTelemetry's local is already destroyed (it was used on this thread, and this is the first log call), the panic
        // must not escape.
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
        // Without a destructor, even an empty one, the order of destruction would not hold for this local.
        self.0 = false;
    }
}

/// Runs `f`; `None` if it panics.
///
/// OpenTelemetry logs while it borrows its context mutably. Stamping layers do not look at the context for such an event. But
/// another layer may turn the event into one with another target.
#[inline]
pub fn guarded<T>(f: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(f)).ok()
}

/// `get_otel_context`, with the signature of one version of `tracing-opentelemetry`.
#[diagnostic::on_unimplemented(
    message = "this `tracing-opentelemetry` is not built on this `opentelemetry`",
    label = "`opentelemetry_of!` needs the version of `opentelemetry` that `tracing-opentelemetry` depends on",
    note = "`cargo tree -i opentelemetry` lists the versions in this program and what depends on each"
)]
pub trait GetContext<By, C> {
    /// Calls the function.
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

/// The upper half of the bytes of a ticket.
const TICKET: [u8; 8] = *b"tracitkt";

/// A ticket for the builder of the span that is being created on this thread, in the bytes of a trace id.
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

/// A span that reports its ids when it starts, and then its status.
#[derive(Debug)]
pub struct Starting(Arc<ReportedIds>);

impl Starting {
    /// Redeems a ticket. `None` if it was redeemed before, or if no layer reads the ids any more.
    #[must_use]
    pub fn of(ticket: [u8; 16]) -> Option<Self> {
        let [.., a, b, c, d, e, f, g, h] = ticket;
        ReportedIds::redeem(u64::from_be_bytes([a, b, c, d, e, f, g, h])).map(Self)
    }

    /// Reports the ids of the started span, and its parent's.
    pub fn report(&self, own: Option<TraceContext>, parent: Option<TraceContext>) {
        self.0.report(own, parent);
    }

    /// Notes that the span's status was set to error or to ok.
    pub fn note_status(&self, is_error: bool) {
        self.0.note_status(is_error);
    }
}

/// Held by a tracer as long as it lives.
#[derive(Clone, Debug)]
pub struct InUse(#[allow(dead_code, reason = "it is counted")] Arc<()>);

impl InUse {
    /// A value to hold, and a reference that shows whether it is still held.
    pub(crate) fn new() -> (Self, Weak<()>) {
        let held = Arc::new(());
        let weak = Arc::downgrade(&held);
        (Self(held), weak)
    }
}
