//! What lines cost on their way to a server by Loki's push protocol: `tracing-loki` in the process is the peer, and VictoriaLogs the server.
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
//! Counted is the CPU time of the whole process of a contender, user's and system's, of all its threads, from its start until
//! the server has confirmed its last line: logging, encoding, compressing, sending, and here also writing the file and reading it back.
//! *Encoding and sending* is that without what the same events cost through the contender's own layer into a sink, in a process of
//! its own: so the text of a line is left out for both. What the server itself spends is not counted, but it is on the same processors.
//!
//! Where syslog-ng is installed, it ships the same file by the recipe in `examples/agents/`: an agent is a process of its own, and only
//! that one is counted.
//!
//! The peer has a channel of 512 lines, and drops in silence what finds no room in it. So it is also measured with a thread that
//! rests after some lines, so slow that the peer loses few; ratios are to that. What has arrived is what the server finds.

mod agent;
mod contender;
mod folder;
mod memory;
mod report;
mod victorialogs;

pub use self::{contender::run, memory::print as memory, report::print};
