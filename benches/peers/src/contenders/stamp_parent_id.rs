//! The library with the id of the parent span on each line.

use super::{Contender, Job, stamp_otel_layer};
use crate::measure::Sample;
use crate::scenario::Scenario;

pub const CONTENDER: Contender = Contender {
    name: "stamp-parent-id",
    what: "spans flattened, ids from otel_layer, and the parent's id",
    swept: false,
    run,
};

fn run(job: &Job) -> Sample {
    assert!(
        matches!(job.scenario, Scenario::Event),
        "not measured in {}",
        job.scenario
    );
    stamp_otel_layer::measure(job, tracing_stamp::layer().with_parent_span_id(true))
}
