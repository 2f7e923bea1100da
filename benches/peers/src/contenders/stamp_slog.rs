//! slog records through the library's drain. They get the ids of the current span.

use slog::Drain;
use tracing_stamp::bridge::slog::TracingDrain;

use super::{Contender, install};
use crate::{slog_workload, workload};

pub const CONTENDER: Contender = Contender {
    name: "stamp-slog",
    what: "slog: child loggers' fields, ids",
    swept: false,
    run: |job| {
        install!(job, tracing_stamp::layer().with_writer(job.sink));
        workload::warm_up();
        let _db = tracing::info_span!("db").entered();
        slog_workload::run(job, TracingDrain::new().fuse())
    },
};
