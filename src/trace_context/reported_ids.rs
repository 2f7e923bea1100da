//! The ids of one span, as the wrapped tracer reports them when the span starts.

use super::{Settled, TraceContext, tickets::Tickets};
use std::sync::{
    Arc,
    atomic::{AtomicU8, AtomicU64, Ordering::Relaxed},
};

const ERROR: u8 = 1;
const OK: u8 = 2;

static TICKETS: Tickets<ReportedIds> = Tickets::new();

/// The tracer writes a span's ids here, and every layer that sees the span reads them.
#[derive(Debug, Default)]
pub(crate) struct ReportedIds {
    ids: Settled,
    /// The id of the parent in the same trace, or zero. Written before `ids`, read after it.
    parent: AtomicU64,
    /// The highest status that was set, in OpenTelemetry's order: unset, error, ok.
    status: AtomicU8,
    /// The ticket that leads the tracer here, until it is redeemed; then zero.
    ticket: AtomicU64,
}

impl ReportedIds {
    /// The span's own ids once it has started; `None` inside if the tracer created none.
    #[inline]
    pub(crate) fn ids(&self) -> Option<Option<TraceContext>> {
        self.ids.get()
    }

    /// The id of the parent that the span started with, if both are in one trace.
    pub(crate) fn parent(&self) -> Option<u64> {
        self.ids()??;
        Some(self.parent.load(Relaxed)).filter(|parent| *parent != 0)
    }

    /// Whether the span's status is error.
    pub(crate) fn has_failed(&self) -> bool {
        self.status.load(Relaxed) == ERROR
    }

    /// Notes that the span's status was set to error or to ok. Ok is final: see "Set Status" in OpenTelemetry's tracing API.
    pub(super) fn note_status(&self, is_error: bool) {
        let status = if is_error { ERROR } else { OK };
        self.status.fetch_max(status, Relaxed);
    }

    /// A ticket for the tracer to carry; `None` if one was issued before.
    pub(super) fn issue_ticket(self: &Arc<Self>) -> Option<u64> {
        if self.ticket.load(Relaxed) != 0 {
            return None;
        }
        let ticket = TICKETS.issue(self);
        self.ticket.store(ticket, Relaxed);
        Some(ticket)
    }

    /// Redeems a ticket. `None` if it was redeemed before, or if no layer reads the ids any more.
    pub(super) fn redeem(ticket: u64) -> Option<Arc<Self>> {
        let reported = TICKETS.redeem(ticket)?;
        reported.ticket.store(0, Relaxed);
        Some(reported)
    }

    /// Stores the ids that a span started with, and its parent's.
    pub(super) fn report(&self, own: Option<TraceContext>, parent: Option<TraceContext>) {
        let is_in_same_trace =
            |parent: &TraceContext| own.is_some_and(|own| own.trace_id() == parent.trace_id());
        if let Some(parent) = parent.filter(is_in_same_trace) {
            let ([_, _, span_id], _) = parent.to_words();
            self.parent.store(span_id, Relaxed);
        }
        self.ids.set(own);
    }
}

impl Drop for ReportedIds {
    /// Cancels the ticket of a span that never started.
    fn drop(&mut self) {
        let ticket = *self.ticket.get_mut();
        if ticket != 0 {
            TICKETS.redeem(ticket);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticket_of_a_dropped_span_is_cancelled() {
        let reported = Arc::new(ReportedIds::default());
        let ticket = reported.issue_ticket().expect("the first");
        assert_eq!(reported.issue_ticket(), None);
        drop(reported);
        assert!(ReportedIds::redeem(ticket).is_none());
    }

    #[test]
    fn spans_that_are_dropped_without_being_started_leave_no_entry_behind() {
        let before = TICKETS.entries_of_this_thread();
        for _ in 0..1_000 {
            let reported = Arc::new(ReportedIds::default());
            assert!(reported.issue_ticket().is_some());
        }
        // Another test may use the same table meanwhile.
        assert!(TICKETS.entries_of_this_thread() <= before + 8);
    }
}
