//! An index of the trace ids in a compressed log file, with which one trace is found without decompressing the whole file.
//!
//! The text is divided into blocks of whole lines. For each block, the index has a filter of the ids in it: it says that an id is not in the
//! block, or that it may be. It also has the range of the times of the lines, if these are certain. If the file was compressed as one gzip member per block, a reader can begin at any block.
//!
//! # The sidecar
//!
//! The index is a hidden file in the folder of the log file. Its name, `.of-LENGTH-HASH.trace-index`, has the length of the log file and a hash
//! of its first and last bytes, so it is found whatever the log file is renamed to, and never for a file with other contents. It consists
//! of these fields, with numbers in little-endian order:
//!
//! | field | bytes |
//! |---|---|
//! | `trcidx`, and the version of the format, 2 | 8 |
//! | length and hash of the log file, as in the name | 8 + 8 |
//! | flags: 1 if each block is a gzip member, 2 if container runtimes wrapped the lines | 4 |
//! | number of blocks | 4 |
//! | for each block: the length of its text, of its gzip member (or 0), and the CRC-32 of its text | 4 + 4 + 4 |
//! | its first and its last time, or the greatest and the smallest number if a time is not certain | 8 + 8 |
//! | the number of its ranges, and for each the first and the last number | 4, 8 + 8 |
//! | the number of its fingerprints, and unless it is 0, the descriptor of the binary fuse filter and the fingerprints | 4, 16, 2 each |
//! | the CRC-32 of all of this | 4 |
//!
//! A reader must find the text of a block as the CRC-32 says, and otherwise read the whole file.
//!
//! # The keys
//!
//! All forms of an id contain its lower 64 bits, so these are its key, and one filter serves all forms. A block has the keys of all ids of
//! 17 or more hexadecimal digits, and of decimal numbers of 17 to 20 digits. Numbers that are close together, such as the times of lines in
//! nanoseconds, are stored as ranges. 16 hexadecimal digits are not indexed, since nearly all of them are span ids: an id that may be
//! written like this has no [`TraceKey`].
//!
//! # The times
//!
//! The time of a line is certain if every reader finds the same one: the line is a JSON object, its key `@timestamp`, `timestamp`, `time` or
//! `ts` has a time that [`parse_time`](crate::parse_time) accepts and that is not a number with decimals, and no other member can change
//! what the line means. If one line of a block has no such time, the block has no range, and a reader that looks for a period reads it.

mod builder;
mod decode;
mod encode;
mod filter;
mod hex_runs;
mod identity;
mod index;
mod key;
mod keys;
mod line_times;
mod member_value;
mod rest_of_line;
mod root_key;
mod sidecar;
mod times;
mod usual_line;

pub use self::{
    builder::{IndexBuilder, MAX_BLOCK_BYTES},
    index::{IndexedBlock, TraceIndex},
    key::TraceKey,
    sidecar::{has_sidecar, read_sidecar, remove_orphans, write_sidecar},
};
