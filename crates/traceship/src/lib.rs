//! Ships finished lines from log files to Loki, Elasticsearch, OpenSearch or an OpenTelemetry collector. The file is the queue.
//!
//! ```no_run
//! use std::time::Duration;
//! use traceship::{Loki, Shipper};
//!
//! let loki = Loki::new("http://localhost:3100")?.with_label("env", "production")?;
//! let shipping = Shipper::new(loki).with_files("/var/log/orders").start()?;
//!
//! // Later: deliver the rest within five seconds.
//! let report = shipping.shutdown(Duration::from_secs(5));
//! println!("{} bytes are left for the next start", report.unshipped_bytes());
//! # Ok::<(), traceship::Error>(())
//! ```
//!
//! # When to use what
//!
//! | target | delivery | use it for |
//! |---|---|---|
//! | [`Loki`] | a repeated line is stored once | Loki, and servers that accept its push API |
//! | [`Elasticsearch`] | a repeated line is refused by its `_id` | Elasticsearch and OpenSearch |
//! | [`Otlp`] | at least once: a repeated line is stored twice | an OpenTelemetry collector |
//!
//! - The program `traceship` runs beside the processes that write the files.
//! - A service that calls `init` of `tracing-stamp` needs neither: the variable `LOG_SHIP`, or `Setup::with_shipping`, starts a shipper.
//! - [`Shipper::start`] follows the files of this process or of other processes until it is shut down.
//! - [`Shipper::run_once`] ships the present contents of the files and returns, as for a back-fill.
//! - [`Shipper::dry_run`] shows what would be sent, and [`Shipper::retry_rejected`] sends rejected lines again.
//! - [`is_unshipped`] keeps a `RollingFile` of `tracing-stamp` from removing files that are not shipped yet.
//!
//! # Files on the disk
//!
//! A shipper keeps these files beside the first log files, or in the folder of [`Shipper::with_state`]. The names begin with the kind of
//! target: `.loki.`, `.elasticsearch.` (also for OpenSearch) or `.otlp.`.
//!
//! ```text
//! .loki.cursor          the confirmed position in each log file
//! .loki.cursor.new      the next version of the cursor, before it replaces the old one
//! .loki.cursor.lock     locked while a shipper runs; a second shipper is refused
//! .loki.cursor.torn     a damaged cursor, renamed
//! .loki.rejected.jsonl  lines that the server will never accept, with the server's message
//! .loki.rejected.jsonl.1  the same, from before the file reached its limit
//! .loki.rejected.jsonl.new  lines that are rejected again, while rejected lines are retried
//! ```
//!
//! Only their owner can read these files, unless a group was given access to the cursor. None of them is opened through a symbolic link.
//!
//! A cursor is one line of JSON, followed by a line with its checksum (CRC-32, in hexadecimal). These invariants hold at every instant at
//! which the process, the server or the machine may stop:
//!
//! 1. The cursor is replaced by one `rename` of a file that is synced to the disk. A damaged cursor is reported and never used. A cursor
//!    that was written for another address, port, tenant or index is reported, and shipping continues with its positions. A log file
//!    that exists keeps its entry, even if it is no longer among the files to ship.
//! 2. The cursor moves past a line only after the server has confirmed the line, or after the line was written to the file of rejected
//!    lines. All lines before it, in the order of reading, have been confirmed or rejected too. So nothing is skipped, and a line that the
//!    cursor has not passed is sent again.
//! 3. A line that is sent again is identical to the byte. Its time, its labels and its id depend on its file and its offset alone. A line
//!    without a time gets the time of a line shortly before it. If there is none, it gets the time at which its file had last been
//!    modified when the line was read; that time is in the cursor before the line is sent. Loki stores one entry of the same time and
//!    text, and Elasticsearch refuses a second document with the same id. So a repeat is stored once, except by a collector, which has
//!    no such rule.
//! 4. A file is identified by its device, its inode and its first line, not by its name. A file with a different inode but the same first
//!    line is compared with the known file, the original:
//!    - If the original is gone or was emptied, and the 256 bytes before the cursor's position are equal, the file is treated as the
//!      continuation of the original.
//!    - If the original still exists and has the same contents, the file is a copy, and is not shipped.
//!    - Otherwise it is another file.
//!
//!    If the 256 bytes before the position have changed in the same inode, the file was emptied in place. It is shipped from its
//!    beginning, and the ids of its lines contain a new generation number.
//! 5. Memory is bounded, however many files there are. At most 128 files are open. A batch has at most 10,000 lines or 1 MiB of one file,
//!    unless the settings or one longer line make it larger. The times of at most 4,096 lines are remembered for each open file.

mod backoff;
mod batch;
mod batch_delivery;
mod body;
mod client;
mod control;
mod cursor;
mod cut;
mod delivery;
#[cfg(test)]
mod delivery_tests;
mod diagnosis;
mod document_keys;
mod dry_run;
mod elasticsearch;
mod error;
mod fallback_times;
mod gauges;
mod group;
mod health;
mod index_template;
mod json_text;
mod key_walk;
mod line_time;
mod lineage;
mod loki;
mod otlp;
mod parked;
mod parse_target;
mod part_size;
mod protobuf;
mod random;
mod reading;
mod refusals;
mod rejected;
mod rejection;
mod reporter;
mod retry_rejected;
mod server;
mod settings;
mod shipper;
mod shipping;
mod shipping_thread;
mod sorted_lines;
mod stats;
mod target;
#[cfg(test)]
mod test_server;
mod unshipped;
mod variables;
mod verdict;
mod worker;

pub use self::{
    diagnosis::Diagnosis,
    dry_run::Preview,
    elasticsearch::Elasticsearch,
    error::Error,
    health::Health,
    loki::Loki,
    otlp::Otlp,
    server::Server,
    shipper::Shipper,
    shipping::Shipping,
    shipping_thread::is_shipping_thread,
    stats::{Report, Stats},
    target::Target,
    unshipped::is_unshipped,
    variables::{VARIABLES, Variable},
};
