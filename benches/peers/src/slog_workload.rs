//! The workload of the slog contenders. Two child loggers have the fields of the spans.

use slog::{Drain, Logger, Never, o};

use crate::contenders::Job;
use crate::measure::Sample;
use crate::scenario::Scenario;

pub fn run<D>(job: &Job, drain: D) -> Sample
where
    D: Drain<Ok = (), Err = Never>
        + Send
        + Sync
        + std::panic::UnwindSafe
        + std::panic::RefUnwindSafe
        + 'static,
{
    assert_eq!(job.scenario, Scenario::Event, "slog has no spans");
    let root = Logger::root(drain, o!());
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
