//! `tracing_subscriber::fmt::layer().json()` with its defaults, as the crate documentation of tracing-subscriber 0.3 composes layers. It
//! gathers each line in a buffer of its own and writes it at once, so the writer needs none.

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
