//! `tracing_subscriber::fmt::layer().json()` with its defaults.

use super::{Contender, install};
use crate::workload;

pub const CONTENDER: Contender = Contender {
    name: "fmt-json",
    what: "spans nested, no ids",
    swept: true,
    run: |job| {
        install!(
            job,
            tracing_subscriber::fmt::layer()
                .json()
                .with_writer(job.sink)
        );
        workload::run(job)
    },
};
