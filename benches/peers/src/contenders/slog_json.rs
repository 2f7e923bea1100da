//! slog with slog-json behind a mutex, as its documentation shows. slog knows no ids.

use std::io::LineWriter;
use std::sync::Mutex;

use slog::Drain;
use slog_json::Json;

use super::Contender;
use crate::slog_workload;

pub const CONTENDER: Contender = Contender {
    name: "slog-json",
    what: "child loggers' fields, no ids",
    swept: false,
    run: |job| {
        // The drain writes token by token: the line is gathered first, as any user would.
        let drain = Mutex::new(Json::default(LineWriter::new(job.sink)));
        slog_workload::run(job, drain.fuse())
    },
};
