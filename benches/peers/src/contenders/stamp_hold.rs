//! The library while it holds DEBUG lines: an INFO event is written, and the DEBUG events of a request are held and dropped.

use super::{Contender, Job, stamp_otel_layer};
use crate::measure::Sample;
use crate::scenario::Scenario;
use tracing_stamp::Hold;

pub const CONTENDER: Contender = Contender {
    name: "stamp-hold",
    what: "spans flattened, ids from otel_layer; DEBUG lines are held",
    swept: false,
    run,
};

fn run(job: &Job) -> Sample {
    assert!(
        matches!(
            job.scenario,
            Scenario::Event | Scenario::Request(_) | Scenario::Threads(_)
        ),
        "not measured in {}",
        job.scenario
    );
    stamp_otel_layer::measure(job, tracing_stamp::layer().with_hold(Hold::new()))
}
