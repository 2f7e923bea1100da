//! The library with rules for secrets: those for keys, as `init` has them, and patterns too.

use super::{Contender, Job, install};
use crate::measure::Sample;
use crate::scenario::Scenario;
use crate::workload;
use tracing_stamp::Redaction;

pub const KEYS: Contender = Contender {
    name: "stamp-keys",
    what: "spans flattened, ids; values of secret keys are replaced",
    swept: false,
    run: |job| run(job, Redaction::new().secret_keys()),
};

pub const PATTERNS: Contender = Contender {
    name: "stamp-patterns",
    what: "the same as stamp-keys, and secrets in texts are replaced",
    swept: false,
    run: |job| run(job, Redaction::new().secrets()),
};

fn run(job: &Job, redaction: Redaction) -> Sample {
    assert!(
        matches!(job.scenario, Scenario::Event | Scenario::Secret),
        "not measured in {}",
        job.scenario
    );
    install!(
        job,
        tracing_stamp::layer()
            .with_redaction(redaction)
            .with_writer(job.sink)
    );
    workload::run(job)
}
