//! The span that is being made on this thread, and whether OpenTelemetry's layer has made a builder for it.

use super::Told;
use std::{cell::RefCell, sync::Arc};

thread_local! {
    static MAKING: RefCell<Vec<Making>> = const { RefCell::new(Vec::new()) };
}

/// How deep spans can be made within the making of others: a processor may open one when a parent starts. Beyond it the
/// outermost is forgotten, as is one whose making panicked.
const MAX_DEPTH: usize = 64;

struct Making {
    span: u64,
    told: Option<Arc<Told>>,
}

/// Whether OpenTelemetry's layer has made a builder for a new span.
#[derive(Clone, Debug)]
pub(crate) enum Made {
    /// It has a builder, and the tracer will report the ids when the span starts.
    Seen(Arc<Told>),
    /// It has none: a filter hides the span.
    Hidden,
}

/// Called before OpenTelemetry's layer sees a new span.
pub(crate) fn begin_making(span: u64) {
    // During the thread's destruction nothing is known of the span.
    let _ = MAKING.try_with(|making| {
        let mut making = making.borrow_mut();
        if making.len() == MAX_DEPTH {
            making.remove(0);
        }
        making.push(Making { span, told: None });
    });
}

/// When the layer asks its tracer for a builder: the ticket that the builder carries.
pub(super) fn ticket_for_builder() -> Option<u64> {
    let ticket = MAKING.try_with(|making| {
        let mut making = making.borrow_mut();
        let making = making.last_mut()?;
        if making.told.is_some() {
            return None;
        }
        making.told.insert(Arc::default()).issue_ticket()
    });
    ticket.ok().flatten()
}

/// Called after that layer has seen the span. `None` where its beginning was not noted.
pub(crate) fn end_making(span: u64) -> Option<Made> {
    let made = MAKING.try_with(|making| {
        let mut making = making.borrow_mut();
        let begun = making.iter().rposition(|making| making.span == span)?;
        // The making of those above has panicked.
        making.drain(begun..).next()
    });
    match made.ok().flatten()?.told {
        Some(told) => Some(Made::Seen(told)),
        None => Some(Made::Hidden),
    }
}
