//! The library with a limit on the lines of a call site that is not reached, and with one that leaves out all lines.

use super::{Contender, Job, install};
use crate::measure::Sample;
use crate::scenario::Scenario;
use crate::workload;
use std::time::Duration;
use tracing_stamp::Burst;

pub const WRITTEN: Contender = Contender {
    name: "stamp-burst",
    what: "spans flattened, ids, and a burst that is not reached",
    swept: false,
    run: |job| run(job, Burst::per_call_site(u32::MAX, Duration::from_secs(1))),
};

pub const SUPPRESSED: Contender = Contender {
    name: "stamp-suppressed",
    what: "nothing: all lines are left out by a burst",
    swept: false,
    run: |job| run(job, Burst::per_call_site(0, Duration::from_secs(1))),
};

pub const BY_KEY: Contender = Contender {
    name: "stamp-burst-by",
    what: "the same as stamp-burst, by a key",
    swept: false,
    run: |job| {
        let burst = Burst::per_call_site(u32::MAX, Duration::from_secs(1));
        run(job, burst.by("method"))
    },
};

fn run(job: &Job, burst: Burst) -> Sample {
    assert!(
        matches!(job.scenario, Scenario::Event),
        "not measured in {}",
        job.scenario
    );
    install!(
        job,
        tracing_stamp::layer()
            .with_burst(burst)
            .with_writer(job.sink)
    );
    workload::run(job)
}
