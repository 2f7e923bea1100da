//! `log` records through the library's logger, within the same spans as the events.

use std::{thread, time::Duration};

use super::{Contender, Job, install};
use crate::measure::Sample;
use crate::scenario::Scenario;
use crate::workload;

pub const CONTENDER: Contender = Contender {
    name: "stamp-log",
    what: "log: spans flattened, ids",
    swept: false,
    run,
};

fn run(job: &Job) -> Sample {
    install!(job, tracing_stamp::layer().with_writer(job.sink));
    tracing_stamp::bridge::log::install().expect("one logger per process");
    workload::warm_up();
    // For a second after its installation, the logger updates `log`'s maximum level at each record.
    thread::sleep(Duration::from_millis(1_100));
    workload::within(|| match job.scenario {
        Scenario::Event => job.reps.of(event),
        Scenario::Three => job.reps.of(three),
        Scenario::Beside => job.reps.of_beside(three, workload::three),
        other => panic!("`log` is not measured in {other}"),
    })
}

fn event() {
    log::info!(
        method = "GET",
        path = "/api/v1/orders/42",
        status = 200u64,
        latency_ms = 12.75f64,
        cached = false,
        user = "alice \"quoted\" \n";
        "handled request"
    );
}

fn three() {
    log::info!(method = "GET", status = 200u64, latency_ms = 12.75f64; "handled request");
}
