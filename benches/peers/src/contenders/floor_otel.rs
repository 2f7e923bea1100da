//! The floor with OpenTelemetry's layer: the minimum cost of a JSON layer with ids.

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
