//! The floor with OpenTelemetry's layer beside it: the least a JSON layer with ids can cost.

use super::floor::Floor;
use super::{Contender, install};
use crate::workload;

pub const CONTENDER: Contender = Contender {
    name: "floor-otel",
    what: "nothing: fields visited",
    swept: false,
    run: |job| {
        install!(job, Floor);
        workload::run(job)
    },
};
