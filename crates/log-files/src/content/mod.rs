//! The text of a file, plain or compressed.
//!
//! A file is recognized by its first bytes and not by its name, because rotated files have names of all kinds.
//!
//! | format | first bytes | source | feature |
//! |---|---|---|---|
//! | gzip | `1f 8b 08` | RFC 1952, section 2.3.1 | `gzip` (on by default) |
//! | zstd | `28 b5 2f fd`, or a skippable frame | RFC 8878, sections 3.1.1 and 3.1.2 | `zstd` |
//! | xz | `fd 37 7a 58 5a 00` | The .xz File Format, section 2.1.1.1 | `xz` |
//!
//! bzip2, lz4, lzip, lzop, `compress`, 7z and zip are recognized and refused by name. All other files are plain text.
//!
//! Archives may consist of several members, as `logrotate` and `pigz` write them. A damaged or truncated archive gives all text that can
//! be decompressed, and then ends. [`Content::damage`] says what is wrong with it.

mod compression;
#[allow(
    clippy::module_inception,
    reason = "the module is named after its main type"
)]
mod content;
mod decoder;
mod decoders;
mod gzip;
mod input;
mod pipe;
mod reserved;
mod stream;
mod xz;
mod zstd;

pub(crate) use self::compression::{Format, recognize};
pub use self::{content::Content, pipe::PipeContent};
