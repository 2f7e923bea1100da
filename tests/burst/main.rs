//! Limits on the lines of a call site: which lines are written, and that all others are reported.

mod by;
mod limit;
mod reported;
#[path = "../support/mod.rs"]
mod support;
mod threads;

use std::time::Duration;
use support::{Line, Lines};
use tracing_stamp::{Burst, StampLayer};
use tracing_subscriber::prelude::*;

const HOUR: Duration = Duration::from_secs(3_600);

/// Returns the lines that `run` logs through a layer with this burst. The last ones are written when the layer is dropped.
fn lines(burst: Burst, run: impl FnOnce()) -> Vec<Line> {
    lines_with(|layer| layer.with_burst(burst), run)
}

fn lines_with(configure: impl FnOnce(StampLayer) -> StampLayer, run: impl FnOnce()) -> Vec<Line> {
    let lines = Lines::default();
    let layer = configure(tracing_stamp::layer()).with_writer(lines.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), run);
    lines.all()
}

/// The number of lines that a line says were left out.
fn suppressed(line: &Line) -> u64 {
    if line.has("suppressed") {
        line.get("suppressed").as_u64().expect("a number")
    } else {
        0
    }
}

/// Whether a line says only that others were left out.
fn is_summary(line: &Line) -> bool {
    line.get("message") == "lines suppressed"
}

/// The value of a field and the number of lines left out before, for each line but summaries.
fn values(lines: &[Line], field: &str) -> Vec<(String, u64)> {
    let lines = lines.iter().filter(|line| !is_summary(line));
    lines
        .map(|line| (line.get(field).to_string(), suppressed(line)))
        .collect()
}
