//! The span that is being created on this thread, and whether OpenTelemetry's layer has created a builder for it.

use super::ReportedIds;
use std::{cell::RefCell, sync::Arc};

thread_local! {
    static CREATIONS: RefCell<Vec<Creation>> = const { RefCell::new(Vec::new()) };
}

/// How deep creations may nest: a processor may open a span when a parent starts. Beyond it the outermost is forgotten, and so
/// is a creation that panicked.
const MAX_DEPTH: usize = 64;

struct Creation {
    span: u64,
    reported: Option<Arc<ReportedIds>>,
}

/// Whether OpenTelemetry's layer sees a span.
#[derive(Clone, Debug)]
pub(crate) enum Visibility {
    /// It has created a builder for the span, and the tracer reports the ids when the span starts.
    Reported(Arc<ReportedIds>),
    /// It has created no builder: a filter hides the span from it.
    Hidden,
}

/// Called before OpenTelemetry's layer sees a new span.
pub(crate) fn begin_creation(span: u64) {
    // Fails while the thread's locals are destroyed: then the span's visibility stays unknown.
    let _ = CREATIONS.try_with(|creations| {
        let mut creations = creations.borrow_mut();
        if creations.len() == MAX_DEPTH {
            creations.remove(0);
        }
        creations.push(Creation {
            span,
            reported: None,
        });
    });
}

/// The ticket for the builder that OpenTelemetry's layer asks its tracer for.
pub(super) fn ticket_for_builder() -> Option<u64> {
    let ticket = CREATIONS.try_with(|creations| {
        let mut creations = creations.borrow_mut();
        let creation = creations.last_mut()?;
        if creation.reported.is_some() {
            return None;
        }
        creation.reported.insert(Arc::default()).issue_ticket()
    });
    ticket.ok().flatten()
}

/// Called after OpenTelemetry's layer has seen the span. `None` if the beginning was not noted.
pub(crate) fn end_creation(span: u64) -> Option<Visibility> {
    let ended = CREATIONS.try_with(|creations| {
        let mut creations = creations.borrow_mut();
        let begun = creations.iter().rposition(|begun| begun.span == span)?;
        // Those above it have panicked.
        creations.drain(begun..).next()
    });
    match ended.ok().flatten()?.reported {
        Some(reported) => Some(Visibility::Reported(reported)),
        None => Some(Visibility::Hidden),
    }
}
