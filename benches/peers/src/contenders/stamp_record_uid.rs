//! The library with an id on each line, as for lines that are shipped.

use super::{Contender, install};
use crate::workload;

pub const CONTENDER: Contender = Contender {
    name: "stamp-record-uid",
    what: "spans flattened, ids, and each line's own id",
    swept: false,
    run: |job| {
        let layer = tracing_stamp::layer().with_record_uid(true);
        install!(job, layer.with_writer(job.sink));
        workload::run(job)
    },
};
