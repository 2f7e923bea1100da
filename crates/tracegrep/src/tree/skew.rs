//! The clocks of services that differ.

use super::{
    precision::precision,
    span::{Evidence, Span},
};

/// Shifts spans that begin before their parent in another service. A parent cannot begin later than what it has called, so its clock is
/// ahead.
///
/// The span is moved to the middle of its parent, as if the way there and back took the same time. If it is longer than its parent, both
/// begin at the same time. The spans below it in the same service are moved with it.
pub(super) fn correct(spans: &mut [Span]) {
    let roots = spans.iter().enumerate();
    let roots = roots.filter(|(_, span)| span.parent.is_none());
    let mut pending: Vec<usize> = roots.map(|(index, _)| index).collect();
    while let Some(index) = pending.pop() {
        let Some(span) = spans.get(index) else {
            continue;
        };
        let parent = span.parent.and_then(|parent| spans.get(parent));
        let shift = parent.map_or(0, |parent| shift(span, parent));
        let is_early = parent.is_some_and(|parent| is_early(span, parent));
        if let Some(span) = spans.get_mut(index) {
            span.shift = shift;
            span.is_early = is_early;
            pending.extend(&span.children);
        }
    }
}

fn shift(span: &Span, parent: &Span) -> i64 {
    if !is_of_other_service(span, parent) {
        return parent.shift;
    }
    // The parent was chosen by these times, so they show nothing about the clocks.
    if span.evidence == Evidence::Containment {
        return 0;
    }
    // The first line of a parent may come after its first call, so only stated times show that a clock is wrong.
    if !parent.timing.is_stated() || !begins_before(span, parent) {
        return 0;
    }
    let (Some((start, end)), Some((parent_start, parent_end))) =
        (span.start.zip(span.end), parent.drawn())
    else {
        return 0;
    };
    let length = |start: i64, end: i64| end.saturating_sub(start);
    let spare = length(parent_start, parent_end).saturating_sub(length(start, end));
    length(start, parent_start).saturating_add(spare.max(0) / 2)
}

/// Whether a clock may be wrong, and the times of the parent do not show it.
fn is_early(span: &Span, parent: &Span) -> bool {
    is_of_other_service(span, parent)
        && span.evidence != Evidence::Containment
        && !parent.timing.is_stated()
        && begins_before(span, parent)
}

fn is_of_other_service(span: &Span, parent: &Span) -> bool {
    span.service.is_some() && parent.service.is_some() && span.service != parent.service
}

fn begins_before(span: &Span, parent: &Span) -> bool {
    let Some((start, (parent_start, _))) = span.start.zip(parent.drawn()) else {
        return false;
    };
    start.saturating_add(precision(start)) <= parent_start
}
