//! Ships finished lines from log files to Loki, Elasticsearch or a collector: the file is the queue.
//!
//! ```no_run
//! use std::time::Duration;
//! use tracing_stamp::ship::{Loki, Shipper};
//!
//! let loki = Loki::new("http://localhost:3100")?.with_label("env", "production")?;
//! let shipper = Shipper::new(loki).with_files("/var/log/orders").start()?;
//! // Later: what is left within five seconds, or how much could not be delivered.
//! let report = shipper.shutdown(Duration::from_secs(5));
//! # let _ = report;
//! # Ok::<(), tracing_stamp::Error>(())
//! ```
//!
//! # How far it has come
//!
//! ```text
//! .loki.cursor          what has been confirmed of each file, beside the files (or in the folder of `with_state`)
//! .loki.cursor.new      the next one, before it takes that place
//! .loki.cursor.lock     locked by whoever ships: a second is refused
//! .loki.rejected.jsonl  lines that the server will never take, with its words
//! ```
//!
//! All of these can be read by their owner alone, and none is opened through a symbolic link.
//!
//! A cursor is one line of JSON and its checksum (CRC-32, in hexadecimal). Invariants, at every instant at which the process, the server or the machine may stop:
//!
//! 1. The cursor is replaced by one `rename`, of a file that is on the disk. A torn one is reported and never trusted. One that was made
//!    for another address, port, tenant or index is reported and continued. The mark of a file that is there is kept, also where
//!    that file is not among the files to ship.
//! 2. It passes a line only after the server has confirmed it, or it is in the file of rejected ones, and all before it in the same
//!    order of reading. So what is not passed is sent again, and nothing is left out.
//! 3. What is sent again is the same to the byte: a line's time, its labels and its id are made of its file and its offset alone; where
//!    no line has said a time, the one that is taken is in the cursor before it is sent.
//!    Loki keeps one entry of one time and text; Elasticsearch refuses a second document of one id. So nothing comes twice, but to a
//!    collector, which has no such thing.
//! 4. A file is known by its device, inode and first line, not by its name. Of another inode with that first line it is a copy that is gone
//!    on with, if its original is no more, or is emptied, and the 256 bytes before the cursor's place are the same; and nothing of its
//!    own while its original is there and has the same. One whose 256 bytes have changed was emptied in place: it begins anew, and the
//!    ids of its lines have another generation.
//! 5. At most 128 files are open, 10,000 lines or 1 MiB of each in a batch, and the times of 4,096 lines: what is held is bounded, however
//!    many files there are.

mod answer;
mod backoff;
mod batch;
mod body;
mod client;
mod control;
mod cursor;
mod cut;
mod delivery;
mod elasticsearch;
mod files;
mod loki;
mod named;
mod otlp;
mod rejected;
mod server;
mod shipper;
mod stamps;
mod stats;
mod target;
mod time;
mod told;
mod unshipped;
mod work;

pub use self::{
    elasticsearch::Elasticsearch,
    loki::Loki,
    otlp::Otlp,
    server::Server,
    shipper::{Shipper, Shipping},
    stats::{Report, Stats},
    target::Target,
    unshipped::is_unshipped,
};
