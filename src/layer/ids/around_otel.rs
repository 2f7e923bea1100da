//! The two layers around OpenTelemetry's layer. They find out for which span it calls its tracer.

use super::extension;
use crate::trace_context::{begin_creation, end_creation};
use std::sync::Weak;
use tracing_core::{
    Subscriber,
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// Comes before OpenTelemetry's layer, and notes which span that layer is about to see.
#[derive(Debug)]
pub(in crate::layer) struct BeforeOtel {
    /// Can be upgraded as long as OpenTelemetry's layer has the tracer.
    in_use: Weak<()>,
}

/// Comes after OpenTelemetry's layer, and reports to trackers whether that layer sees the span.
#[derive(Debug)]
pub(in crate::layer) struct AfterOtel {
    in_use: Weak<()>,
}

impl BeforeOtel {
    pub(in crate::layer) fn new(in_use: Weak<()>) -> Self {
        Self { in_use }
    }

    /// Returns whether OpenTelemetry's layer uses the tracer. It does not if `configure` has replaced the tracer.
    pub(super) fn is_in_use(&self) -> bool {
        self.in_use.strong_count() > 0
    }
}

impl AfterOtel {
    pub(in crate::layer) fn new(in_use: Weak<()>) -> Self {
        Self { in_use }
    }
}

impl<S> Layer<S> for BeforeOtel
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        if self.is_in_use() {
            begin_creation(id.into_u64());
        }
    }
}

impl<S> Layer<S> for AfterOtel
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        if self.in_use.strong_count() > 0
            && let Some(visibility) = end_creation(id.into_u64())
            && let Some(span) = ctx.span(id)
        {
            extension::set_visibility(&span, visibility);
        }
    }
}
