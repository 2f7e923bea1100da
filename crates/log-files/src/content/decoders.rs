use super::{compression::unsupported_compression, decoder::Decoder, gzip, xz, zstd};
use crate::names::Compression;
use std::io;

/// Returns the decoder for a compression.
///
/// # Errors
///
/// [`Unsupported`](io::ErrorKind::Unsupported) if this crate cannot read the compression, or was built without the feature for it.
pub(super) fn decoder(compression: Compression) -> io::Result<Box<dyn Decoder>> {
    match compression {
        Compression::Gzip => gzip::decoder(),
        Compression::Xz => xz::decoder(),
        Compression::Zstd => zstd::decoder(),
        other => Err(unsupported_compression(other)),
    }
}
