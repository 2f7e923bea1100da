//! The library under measurement, with its defaults.

use super::{Contender, install};
use crate::workload;

pub const CONTENDER: Contender = Contender {
    name: "tracing-stamp",
    what: "spans flattened, ids",
    swept: true,
    run: |job| {
        install!(job, tracing_stamp::layer().with_writer(job.sink));
        workload::run(job)
    },
};
