//! The library while it holds DEBUG lines: an INFO event is written, and the DEBUG events of a request are held and dropped.

use tracing::subscriber::set_global_default;
use tracing_subscriber::layer::SubscriberExt;

use super::{Contender, Job, otel};
use crate::measure::Sample;
use crate::scenario::Scenario;
use crate::workload;

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
    let layer = tracing_stamp::layer().with_hold(tracing_stamp::Hold::new());
    let subscriber = tracing_subscriber::registry()
        .with(otel::reporting())
        .with(layer.with_writer(job.sink));
    set_global_default(subscriber).expect("one contender per process");
    workload::run(job)
}
