//! `tracing_subscriber::fmt::layer().json()` with its defaults, as the crate documentation of tracing-subscriber 0.3 composes layers. The
//! layer collects each line in a buffer and writes it at once, so the writer needs no buffer.

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
