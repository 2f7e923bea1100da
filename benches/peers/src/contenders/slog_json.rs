//! slog with slog-json behind a mutex, as its documentation shows; the spans' fields are those of
//! two child loggers. slog knows no ids.

use std::io::LineWriter;
use std::sync::Mutex;

use slog::{Drain, Logger, o};
use slog_json::Json;

use super::{Contender, Job};
use crate::measure::Sample;
use crate::scenario::Scenario;

pub const CONTENDER: Contender = Contender {
    name: "slog-json",
    what: "child loggers' fields, no ids",
    swept: false,
    run,
};

fn run(job: &Job) -> Sample {
    assert_eq!(job.scenario, Scenario::Event, "slog has no spans");
    // The drain writes token by token: the line is gathered first, as any user would.
    let drain = Mutex::new(Json::default(LineWriter::new(job.sink)));
    let root = Logger::root(drain.fuse(), o!());
    let request = root.new(o!("request_id" => "01J8ZK6V3Q", "tenant" => "acme"));
    let db = request.new(o!("table" => "orders"));
    job.reps.of(|| {
        slog::info!(db, "handled request";
            "method" => "GET",
            "path" => "/api/v1/orders/42",
            "status" => 200u64,
            "latency_ms" => 12.75f64,
            "cached" => false,
            "user" => "alice \"quoted\" \n",
        );
    })
}
