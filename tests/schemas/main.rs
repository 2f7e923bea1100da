//! Schemas that others have specified: the documented sample lines, and the tables of those specifications.

mod documented;
mod ecs;
#[path = "../support/mod.rs"]
mod support;

use support::Lines;
use tracing_stamp::{
    Schema, StampLayer, TraceContext,
    opentelemetry::trace::{SpanId, TraceFlags, TraceId},
};
use tracing_subscriber::prelude::*;

fn context() -> Option<TraceContext> {
    let (trace, span) = (
        0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
        0x00f0_67aa_0ba9_02b7,
    );
    TraceContext::new(
        TraceId::from(trace),
        SpanId::from(span),
        TraceFlags::SAMPLED,
    )
}

fn log(
    schema: Schema,
    options: impl FnOnce(StampLayer) -> StampLayer,
    run: impl FnOnce(),
) -> String {
    let lines = Lines::default();
    let layer = options(tracing_stamp::layer())
        .with_schema(schema)
        .with_context_source(context)
        .with_writer(lines.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
    lines.text()
}
