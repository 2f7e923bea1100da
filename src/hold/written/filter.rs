use super::SharedEnvFilter;
use crate::hold::decision::Decision;
use tracing_core::{LevelFilter, Metadata, Subscriber};
use tracing_subscriber::{filter::Targets, layer::Context, registry::LookupSpan};

#[derive(Clone)]
pub(crate) enum WrittenFilter {
    Level(LevelFilter),
    Targets(Box<Targets>),
    /// The filter of `init`, which can change.
    #[cfg_attr(
        not(feature = "setup"),
        allow(dead_code, reason = "only `init` has such a filter")
    )]
    Env(SharedEnvFilter),
}

impl WrittenFilter {
    /// Whether events of a call site are written at once. `decision` is that of the call site.
    #[inline]
    pub(crate) fn writes<S>(
        &self,
        metadata: &'static Metadata<'static>,
        decision: &Decision,
        ctx: &Context<'_, S>,
    ) -> bool
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        match self {
            Self::Level(level) => metadata.level() <= level,
            Self::Targets(targets) => {
                let decide = || Some(targets.would_enable(metadata.target(), metadata.level()));
                decision.get(1, decide).unwrap_or(true)
            }
            Self::Env(filter) => filter.writes(metadata, decision, ctx),
        }
    }

    /// Whether the lifecycle lines of a span are written at once.
    pub(crate) fn writes_lifecycle_of(&self, span: &Metadata<'_>) -> bool {
        match self {
            Self::Level(level) => span.level() <= level,
            Self::Targets(targets) => targets.would_enable(span.target(), span.level()),
            // This filter has left out the other lifecycles before.
            Self::Env(_) => true,
        }
    }
}
