//! The library as its README sets it up: OpenTelemetry's layer reports the ids of spans.

use tracing::subscriber::set_global_default;
use tracing_stamp::StampLayer;
use tracing_subscriber::layer::SubscriberExt;

use super::{Contender, Job, otel};
use crate::measure::Sample;
use crate::scenario::Scenario;
use crate::workload;

pub const CONTENDER: Contender = Contender {
    name: "stamp-otel-layer",
    what: "spans flattened, ids from otel_layer",
    swept: false,
    run,
};

fn run(job: &Job) -> Sample {
    assert!(
        matches!(
            job.scenario,
            Scenario::Event | Scenario::Spans | Scenario::Request(_) | Scenario::Threads(_)
        ),
        "not measured in {}",
        job.scenario
    );
    measure(job, tracing_stamp::layer())
}

/// Measures a layer of the library beside an OpenTelemetry layer that reports the ids of spans.
pub fn measure(job: &Job, layer: StampLayer) -> Sample {
    let subscriber = tracing_subscriber::registry()
        .with(otel::reporting())
        .with(layer.with_writer(job.sink));
    set_global_default(subscriber).expect("one contender per process");
    workload::run(job)
}
