//! json-subscriber's layer with ids, as in the section "OpenTelemetry" of its README (0.3), and with the methods that its documentation
//! names for flat fields. The layer writes each line at once, so the writer needs no buffer.

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
