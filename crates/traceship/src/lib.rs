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
//! | target | lines with an id of their own | other lines | use it for |
//! |---|---|---|---|
//! | [`Loki`] | stored once | at least once | Loki |
//! | [`Elasticsearch`] | stored once | at least once | Elasticsearch and OpenSearch |
//! | [`Otlp`] | at least once | at least once | an OpenTelemetry collector |
//!
//! [Delivery](#delivery) has the conditions.
//!
//! - The program `traceship` runs beside the processes that write the files.
//! - A service that calls `init` of `tracing-stamp` needs neither: the variable `LOG_SHIP`, or `Setup::with_shipping`, starts a shipper.
//! - [`Shipper::start`] follows the files of this process or of other processes until it is shut down.
//! - [`Shipper::run_once`] ships the present contents of the files and returns, as for a back-fill.
//! - [`Shipper::dry_run`] shows what would be sent, and [`Shipper::retry_rejected`] sends rejected lines again.
//! - [`is_unshipped`] keeps a `RollingFile` of `tracing-stamp` from removing files that are not shipped yet.
//!
//! # Delivery
//!
//! The shipper moves past a line only after the server has confirmed it, or after the line was written to the file of rejected lines. A line
//! that is not confirmed is sent again. Two rules of servers make a repeat harmless: Elasticsearch and OpenSearch refuse a document whose
//! `_id` is in the index already, and Loki stores one entry of the same time and text in a stream. A collector and VictoriaLogs have no such
//! rule, so they store a line twice that is sent twice.
//!
//! **A line with an id of its own** has it in `log.record.uid`, or in the key that its schema has for it. `tracing-stamp` writes these ids
//! with `with_record_uid`, and `init` switches that on if lines are shipped. Such a line has the same `_id`, or the same time and text, from
//! whatever file it is read. So it is stored once, even if its file is read again from the start, with these exceptions:
//!
//! - An `_id` is unique within one index. A data stream that rolls over between the first attempt and the next stores the line again.
//! - Loki splits streams with much traffic into shards, unless that is switched off, and does not compare the entries of different shards.
//!
//! **Any other line** has an id that the shipper makes from the lineage of its file and its offset. It is stored once too while the shipper
//! recognises the contents of its file. It is repeated if it was read before in one of these cases:
//!
//! - The shipper was killed after it had sent lines that were not confirmed, and their file was compressed, copied or emptied before anything
//!   of it was confirmed. Or the cursor was lost.
//! - The file was compressed or copied, its lines have no times, and less than 1 KiB of it was confirmed.
//! - A copy of a file does not have the name of a rotated file, such as `app.log.1` for `app.log`.
//! - A copy ends before the place up to which its original was confirmed: more lines were shipped after the copy was made.
//!
//! Lines are lost only if their file is removed or emptied before they are read, which is counted and reported, or if the shipper cannot see
//! that a file was emptied: it has neither ids nor times, and was written again with the same bytes and more since the last look.
//!
//! # Files on the disk
//!
//! A shipper keeps these files beside the first log files, or in the folder of [`Shipper::with_state`]. Their names contain the name of the
//! target, which is `loki`, `elasticsearch` (also for OpenSearch) or `otlp`, unless [`Shipper::with_name`] sets another one.
//!
//! ```text
//! .loki.cursor            what is known of each log file, and how far it is confirmed
//! .loki.cursor.new        the cursor written anew, before it replaces the old one
//! .loki.cursor.lock       locked while a shipper runs; a second shipper is refused
//! .loki.cursor.damaged    a damaged cursor, renamed
//! .loki.rejected.jsonl    lines that the server will never accept, with the server's message
//! .loki.rejected.jsonl.1  the same, from before the file reached 64 MiB
//! .loki.rejected.jsonl.new  lines that are rejected again, while rejected lines are retried
//! ```
//!
//! Only their owner can read these files, unless a group was given access to the cursor. None of them is opened through a symbolic link.
//!
//! A cursor is a journal. Each line is a checksum (CRC-32, in hexadecimal), a space and a JSON object. The first object has the version of
//! the format (2) and the server. Each of the others has the *mark* of one file, or says that a mark was removed, and replaces an earlier one
//! of the same file. These invariants hold at every instant at which the process, the server or the machine may stop:
//!
//! 1. Changed marks are appended and synced to the disk. A last line without its newline is left out. A cursor that has grown too large is
//!    replaced by one `rename` of a new file that is synced. A cursor that is damaged elsewhere is reported, renamed and not used. A cursor of
//!    another version is refused, and left as it is. A cursor belongs to the name of a target: if the server has another address, port,
//!    tenant or index, this is reported, and shipping continues with the same marks.
//! 2. A mark moves past a line only after the line is confirmed or in the file of rejected lines. All lines before it in the order of reading
//!    have been confirmed or rejected too. While lines are shipped, the cursor is saved once a second.
//! 3. A line that is sent again from the same contents is identical to the byte, with the same id, time and labels. A file's *lineage* is a
//!    random number that is made when its contents are first seen, and the ids of its lines are `lineage-offset`, unless they have their own.
//!    The lineage is on the disk before the first line is sent, and no lineage is used for other contents. Lines without an id that have the
//!    same time get times that differ by less than the precision of that time. These depend on the mark and the earlier lines of the
//!    file. A line without a time gets the time of a line shortly before it, or else the time at which its file had last been modified when
//!    the line was read, which is in the cursor before the line is sent.
//! 4. A mark has *checkpoints*: checksums of the file up to places that were confirmed, the last of them at the confirmed offset. The sixteen
//!    latest are kept, and fewer and fewer of the earlier ones, up to 64. By them the shipper recognises contents, whatever the name and the
//!    inode of a file:
//!    - Before each read, the 64 bytes before the place must be those that were read. After a start, the first 1 KiB and at least the last
//!      4 KiB before the confirmed place must have their checksums. Otherwise the file was emptied, or its inode was given to another file, and
//!      it is compared as a new file.
//!    - A new file that begins like known contents is compared with all of their checkpoints, or with the other file itself if that is open.
//!      If the original is gone, it continues the original, with its lineage. If the original exists, the new file is a copy. It is not
//!      shipped, but continues the original if that is emptied or removed.
//!    - Files with ids of their own may have a part in common: then the rest is shipped under a new lineage. Other contents can be equal by
//!      chance. They are only the same if all that was confirmed is equal, some line had a time or 1 KiB was confirmed, and the file has the
//!      name of a rotated file, is compressed, or is at the path of the original. Otherwise the file is shipped from its start with a new
//!      lineage.
//! 5. The mark of contents that no file has any more is kept for seven days, for at most 20,000 of them. What was not shipped of them is
//!    reported as lost after the time of [`Shipper::with_rotate_wait`].
//!
//! # Order and memory
//!
//! A shipper reads the lines of all its files in the order of their times, except within a minute. So Loki, which refuses lines that are an
//! hour older than the newest one of their stream, accepts a backlog of any number of files. The order can be wrong for a file that appears
//! later than newer lines.
//!
//! Memory does not grow with the size of the files. A batch has at most 10,000 lines and 1 MiB, of one or more files, unless the settings or
//! one longer line make it larger. A line of more than 8 MiB is sent in parts. At most 128 files are open, and fewer if the process may
//! have few descriptors. A mark is kept in memory for each file.

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
