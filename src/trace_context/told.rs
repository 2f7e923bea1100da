//! The ids of one span, as the wrapped tracer reports them when the span starts.

use super::{Settled, TraceContext, tickets};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Where the tracer writes a span's ids, and where every layer that sees the span reads them.
#[derive(Debug, Default)]
pub(crate) struct Told {
    ids: Settled,
    /// The id of the parent in the same trace, or zero. Written before `ids`, read after it.
    parent: AtomicU64,
    /// The ticket by which the tracer finds this, until it has; then zero.
    ticket: AtomicU64,
}

impl Told {
    /// The span's own ids once it has started: `None` inside where the tracer made none.
    #[inline]
    pub(crate) fn ids(&self) -> Option<Option<TraceContext>> {
        self.ids.get()
    }

    /// The id of the parent with which the span has started, if both are of one trace.
    pub(crate) fn parent(&self) -> Option<u64> {
        self.ids()??;
        Some(self.parent.load(Relaxed)).filter(|parent| *parent != 0)
    }

    /// A ticket for the tracer to carry; `None` where one was issued before.
    pub(super) fn issue_ticket(self: &Arc<Self>) -> Option<u64> {
        if self.ticket.load(Relaxed) != 0 {
            return None;
        }
        let ticket = tickets::issue(self);
        self.ticket.store(ticket, Relaxed);
        Some(ticket)
    }

    /// Redeems a ticket: once, and only while somebody reads what will be written.
    pub(super) fn redeem(ticket: u64) -> Option<Arc<Self>> {
        let told = tickets::take(ticket)?;
        told.ticket.store(0, Relaxed);
        Some(told)
    }

    /// Writes what a span has started with.
    pub(super) fn write(&self, own: Option<TraceContext>, parent: Option<TraceContext>) {
        let is_of_one_trace =
            |parent: &TraceContext| own.is_some_and(|own| own.trace_id() == parent.trace_id());
        if let Some(parent) = parent.filter(is_of_one_trace) {
            let ([_, _, span_id], _) = parent.to_words();
            self.parent.store(span_id, Relaxed);
        }
        self.ids.set(own);
    }
}

impl Drop for Told {
    /// Takes back the ticket of a span that was never started.
    fn drop(&mut self) {
        let ticket = *self.ticket.get_mut();
        if ticket != 0 {
            tickets::take(ticket);
        }
    }
}
