//! json-subscriber's layer, event and spans flattened, with ids.

use super::{Contender, install};
use crate::workload;

pub const CONTENDER: Contender = Contender {
    name: "json-subscriber",
    what: "spans flattened, ids",
    swept: true,
    run: |job| {
        install!(
            job,
            json_subscriber::fmt::layer()
                .flatten_event(true)
                .with_current_span(false)
                .with_span_list(false)
                .flatten_span_list_on_top_level(true)
                .with_opentelemetry_ids(true)
                .with_writer(job.sink)
        );
        workload::run(job)
    },
};
