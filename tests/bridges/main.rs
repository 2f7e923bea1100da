//! The bridges from and to `log` and slog. Each test is named after the sentence that it proves.
#![allow(
    clippy::expect_used,
    reason = "a test that cannot continue fails with a reason"
)]

#[path = "../support/mod.rs"]
mod support;

mod burst;
mod context;
mod filters;
mod forward;
mod panics;
mod places;
mod property;
mod recent;
mod table;
mod unstamped;
mod ways;

use support::{Line, Lines};
use tracing_stamp::StampLayer;
use tracing_subscriber::prelude::*;

/// Returns the lines that `run` logs through a layer with the given options.
fn lines(options: impl FnOnce(StampLayer) -> StampLayer, run: impl FnOnce()) -> Vec<Line> {
    let lines = Lines::default();
    let layer = options(tracing_stamp::layer())
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
    lines.all()
}

/// Returns the only line that `run` logs through the default layer.
fn line(run: impl FnOnce()) -> Line {
    let mut lines = lines(|layer| layer, run);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}
