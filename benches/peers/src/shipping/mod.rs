//! Measures the cost of shipping lines with Loki's push protocol. The peer is `tracing-loki`, which runs in the process too, and the server is
//! VictoriaLogs.
//!
//! ```text
//! tests/servers/victorialogs.sh install
//! tests/servers/victorialogs.sh start /tmp/victorialogs
//! export $(grep VICTORIALOGS_URL /tmp/victorialogs/env)
//! cargo run --release --manifest-path benches/peers/Cargo.toml --features shipping -- shipping 200000   # lines
//! cargo run --release --manifest-path benches/peers/Cargo.toml --features shipping -- shipping-memory 10000000
//! tests/servers/victorialogs.sh stop /tmp/victorialogs
//! ```
//!
//! The CPU time is that of a contender's whole process: user and system time of all its threads, from its start until the server has confirmed
//! its last line. It includes logging, encoding, compressing and sending, and here also writing the file and reading it back. *Encoding and
//! sending* leaves out the cost of the same events with the contender's own layer and a sink, measured in a separate process. So
//! neither contender's column includes the formatting of lines. The server's own CPU time is not counted, but it runs on the same processors.
//!
//! If syslog-ng is installed, it ships the same file with the recipe in `examples/agents/`. An agent is a separate process, and only the CPU
//! time of that process is counted.
//!
//! The peer has a channel of 512 lines, and silently drops lines when it is full. So it is also measured with a thread that logs slowly, with
//! a rest after some lines, so that the peer loses few. Ratios refer to this measurement. A line has arrived if the server finds it.

mod agent;
mod contender;
mod folder;
mod memory;
mod report;
mod victorialogs;

pub use self::{contender::run, memory::print as memory, report::print};
