//! The baggage member that carries a level to the services behind.

use super::{set::level_of, table, word};
use opentelemetry::{
    Context,
    baggage::{Baggage, BaggageExt as _, KeyValueMetadata},
    trace::TraceContextExt as _,
};
use tracing_core::Level;

/// The key of the member.
const MEMBER: &str = "log.level";

/// Returns the level in the baggage of a context.
pub(super) fn level_in(context: &Context) -> Option<Level> {
    word::parse(context.baggage().get(MEMBER)?.as_str())
}

/// Returns a copy of the context with the level of its trace as a baggage member. `None` if the trace has no level, or if the baggage has
/// a level that is at least as verbose.
#[inline]
pub(crate) fn with_level_member(context: &Context) -> Option<Context> {
    if table::is_empty() {
        return None;
    }
    add_level(context)
}

#[cold]
fn add_level(context: &Context) -> Option<Context> {
    let level = level_of(context.span().span_context().trace_id())?;
    if level_in(context).is_some_and(|known| known >= level) {
        return None;
    }
    let members = context.baggage().iter().map(|(key, (value, metadata))| {
        KeyValueMetadata::new(key.clone(), value.clone(), metadata.clone())
    });
    let mut baggage: Baggage = members.collect();
    baggage.insert(MEMBER, word::of(level));
    Some(context.with_baggage(baggage))
}
