//! The schemas, compared with their documented sample lines and with the tables of their specifications.

mod documented;
mod ecs;
#[path = "../support/mod.rs"]
mod support;

use support::{Lines, context};
use tracing_stamp::{Schema, StampLayer};
use tracing_subscriber::prelude::*;

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
