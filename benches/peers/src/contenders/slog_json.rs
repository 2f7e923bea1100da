//! slog with slog-json behind a mutex, as in the crate documentation of slog-json 2.6. slog has no ids.
//!
//! The drain writes each token separately, so its writer needs a buffer. A `BufWriter` with `set_flush(true)`, which its documentation names
//! "to enable flushing of the `io::Write` after every log record", passes each line to the sink in one write, as every other
//! contender does. A `LineWriter` would do the same, but it searches each token for a newline, which costs more than the rest.

use std::io::BufWriter;
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
        let json = Json::new(BufWriter::new(job.sink))
            .add_default_keys()
            .set_flush(true)
            .build();
        slog_workload::run(job, Mutex::new(json).fuse())
    },
};
