//! Ships lines from log files to Loki, Elasticsearch, OpenSearch or an OpenTelemetry collector. The file is the queue: the shipper moves
//! past a line only when the server has confirmed or rejected it, or when the line is in a file of lines that are sent again later.
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
//! - A service that calls `init` of `tracing-stamp` needs neither this program nor a [`Shipper`] of its own: the variable `LOG_SHIP`, or
//!   `Setup::with_shipping`, starts a shipper.
//! - [`Shipper::start`] follows the files of this process or of other processes until it is shut down.
//! - [`Shipper::run_once`] ships the present contents of the files and then returns, for example to ship old files (a back-fill).
//! - [`Shipper::dry_run`] shows what would be sent, and [`Shipper::retry_rejected`] sends rejected lines again.
//! - [`is_unshipped`] keeps a `RollingFile` of `tracing-stamp` from removing files that are not shipped yet.
//!
//! # Delivery
//!
//! The shipper moves past a line only after the server has confirmed it, or after the line was written to the file of rejected lines or to
//! that of the lines that wait, because the server may accept them later. A line that is not confirmed is sent again. Some servers do not
//! store such a repeat: Elasticsearch and OpenSearch refuse a document if its `_id` is already in the index, and Loki keeps only one entry
//! with the same time and text in a stream. A collector and VictoriaLogs have no such rule. If a line is sent twice, they store it twice.
//!
//! **A line with an id of its own** has this id in the key `log.record.uid`, or in the key that its schema uses for it. `tracing-stamp`
//! writes these ids if `with_record_uid` is set, and `init` sets it if lines are shipped. Such a line has the same `_id`, or the same time
//! and text, no matter from which file it is read. So it is stored once, even if its file is read again from the start, with these
//! exceptions:
//!
//! - An `_id` is unique only within one index. A data stream that rolls over between two attempts stores the line again.
//! - Loki splits streams with much traffic into shards, unless that is switched off. It does not compare the entries of different shards,
//!   so it can store a line once in each of two shards.
//!
//! **Any other line** has an id that the shipper makes from the offset of the line and the *lineage* of its file, which is a random number
//! for the contents of the file (see [below](#files-on-the-disk)). Such a line is stored once too, as long as the shipper recognises the
//! contents of its file. A line that was read before is repeated in these cases:
//!
//! - The shipper was killed after it had sent lines and before the server confirmed them, and then their file was compressed, copied or
//!   emptied before the server had confirmed any line of it. The same happens if the cursor was lost.
//! - Its lines have no times, and the file was compressed while less than 1 KiB of it was confirmed, or copied while no shipper ran.
//! - The file was copied, and the name of the copy does not look like that of a rotated version, such as `app.log.1` for `app.log`.
//! - More lines were shipped after the file was copied and before it was emptied, so the copy ends before the confirmed position. And the
//!   first line has no time, or the shipper first saw the copy after the file was emptied. In the second case, only lines at the end of the
//!   copy are repeated.
//!
//! Lines are lost only in two cases. Their file is removed or emptied before they are read: this is counted and reported. Or the shipper
//! cannot notice that a file was emptied, because its lines have neither ids nor times, and the same bytes and more were written to it
//! before the shipper looked again.
//!
//! # Files on the disk
//!
//! A shipper keeps these files beside the first log files, or in the folder that [`Shipper::with_state`] sets. Their names contain the name
//! of the target, which is `loki`, `elasticsearch` (also for OpenSearch) or `otlp`, unless [`Shipper::with_name`] sets another one.
//!
//! ```text
//! .loki.cursor            what is known of each log file, and how far it is confirmed
//! .loki.cursor.new        the cursor written anew, before it replaces the old one
//! .loki.cursor.lock       locked while a shipper runs; a second shipper is refused
//! .loki.cursor.damaged    a damaged cursor, renamed
//! .loki.rejected.jsonl    lines that the server will never accept, with the server's message
//! .loki.rejected.jsonl.1  the same, from before the file reached 64 MiB
//! .loki.rejected.jsonl.new  lines that are rejected again, while rejected lines are retried
//! .loki.waiting.jsonl     lines that the server does not accept yet, and that are sent again, with the server's message
//! .loki.waiting.jsonl.new  the same, written anew
//! ```
//!
//! Only their owner can read these files, unless a group was given access to the cursor. None of them is opened through a symbolic link.
//!
//! A cursor is a journal. Each line is a checksum (CRC-32, in hexadecimal), a space and a JSON object. The first object has the version of
//! the format (3) and the server. Every other object has the *mark* of one file, which is the record of how far this file is confirmed, or
//! says that a mark was removed. It replaces earlier objects of the same file. These invariants hold whenever the process, the server or
//! the machine may stop:
//!
//! 1. Changed marks are appended and synced to the disk. When the cursor is read, an incomplete last line is ignored. When the cursor has
//!    grown too large, a new file is written and synced, and one `rename` replaces the cursor. If the cursor is damaged in another place,
//!    this is reported, and the cursor is renamed and not used. A cursor in another version of the format is refused, and not changed. A
//!    cursor belongs to the name of a target: if the server has another address, port, tenant or index, this is reported, and shipping
//!    continues with the same marks.
//! 2. A mark moves past a line only after the line is confirmed, or in the file of rejected lines or in that of the lines that wait. The
//!    same is then true of all lines that were read before it. A line is removed from the file of the lines that wait only after it is
//!    confirmed or in the file of rejected lines. While lines are shipped, the cursor is saved once a second.
//! 3. If a line is sent again from the same contents, it is identical byte for byte, with the same id, time and labels, unless the
//!    rules of redaction or the key of pseudonyms have changed. A file's *lineage* is a random number that is made when its contents
//!    are first seen. A line without an id of its own has the id `lineage-offset`. The lineage is on the disk before the first line is
//!    sent, and is never used for other contents. If lines without an id have the same time, the shipper changes their times by less
//!    than the precision of that time, so that they differ. The new times depend on the mark and the earlier lines of the file. A line
//!    without a time gets a time just after that of a line shortly before it. If there is none, it gets the time of the next line with
//!    one at the start of a file, and else the modification time that the file had when the line was read. This time is in the cursor
//!    before the line is sent.
//! 4. A mark has *checkpoints*. A checkpoint is a checksum of the file up to a confirmed offset, and the last checkpoint is at the last
//!    confirmed offset. The sixteen latest checkpoints are kept, and fewer and fewer of the earlier ones, at most 64 in all. They let the
//!    shipper recognise contents under any name and inode:
//!    - Before and after each read, the 64 bytes before the current offset must be the ones that were read earlier. After a start, the
//!      checksums of the first 1 KiB and of at least the last 4 KiB before the confirmed offset must match. Otherwise the file was emptied,
//!      or another file got its inode, and the shipper treats it as a new file.
//!    - If a new file begins like known contents (the original), it is compared with all checkpoints of the original, or with the original
//!      file itself if that is open. If the original file no longer exists and was not longer, the new file is treated as its continuation,
//!      with the same lineage. If the original file still exists, the new file is a copy, and is not shipped. It becomes the continuation
//!      when the original is emptied or removed.
//!    - A copy can end before the confirmed offset of the original, because the original has grown. It is recognised if it has the name of a
//!      rotated file and the first line has a time, or if the lines have ids of their own. While the original exists, the copy is compared
//!      with it, and the mark of the original gets the checksum of the copy. Eight such checksums are kept, and they serve as further
//!      checkpoints. Once the original is emptied or removed, the copy gets a lineage of its own that begins at the last of these
//!      checkpoints, so that only what follows is shipped.
//!    - If the lines of two files have ids of their own, the files may have only their beginning in common: then the rest is shipped with a
//!      new lineage. Contents without ids can be equal by chance. They count as the same contents only if everything that was confirmed is
//!      equal, the first line or a confirmed one has a time or 1 KiB was confirmed, and the new file has the name of a rotated file, is
//!      compressed, or is at the path of the original. Without times, a copy must also appear while the original is followed, and a file
//!      that was last written more than a minute after the original was seen to be gone is not the same. Otherwise the file is shipped from
//!      its start with a new lineage.
//! 5. The contents of a file end before the NUL bytes at its end, because its writer overwrites these. The length in a mark is raised only
//!    while the file is known to have the contents of the mark, so it is never the length of contents that replaced them. If another file
//!    begins with everything that is confirmed of these contents, and is shipped with a lineage of its own, the mark has the length of that
//!    file too: what is in that file is not lost.
//! 6. The mark of contents that are no longer in any file is kept for seven days, and at most 20,000 such marks are kept. The bytes that
//!    were neither shipped nor are in such another file are reported as lost after the time of [`Shipper::with_rotate_wait`].
//!
//! # Order and memory
//!
//! A shipper reads the lines of all its files in the order of their times. Lines of different files whose times differ by less than a
//! minute may be out of order. Loki refuses lines that are more than an hour older than the newest line of their stream. Because of this
//! order, it accepts a backlog of any number of files. The order is wrong if a file with old lines appears after newer lines were sent.
//!
//! Memory does not grow with the size of the files. A batch has at most 10,000 lines and 1 MiB, from one or several files, unless the
//! settings or a single longer line make it larger. A line of more than 8 MiB is sent in parts. At most 128 files are open at once, and
//! fewer if the process has a low limit of file descriptors. For each file, its mark is kept in memory.

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
mod record;
mod record_file;
mod redaction;
mod refusals;
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
mod text_buffer;
mod unshipped;
mod variables;
mod verdict;
#[cfg(feature = "redact")]
mod with_redaction;
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
