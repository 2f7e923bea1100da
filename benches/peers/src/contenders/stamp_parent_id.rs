//! The library with the id of the parent span on each line.

use tracing::subscriber::set_global_default;
use tracing_subscriber::layer::SubscriberExt;

use super::{Contender, Job, otel};
use crate::measure::Sample;
use crate::scenario::Scenario;
use crate::workload;

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
    let layer = tracing_stamp::layer().with_parent_span_id(true);
    let subscriber = tracing_subscriber::registry()
        .with(otel::reporting())
        .with(layer.with_writer(job.sink));
    set_global_default(subscriber).expect("one contender per process");
    workload::run(job)
}
