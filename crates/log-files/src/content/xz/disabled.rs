use crate::content::{compression::without_feature, decoder::Decoder};
use crate::names::Compression;
use std::io;

/// # Errors
///
/// Always, since the feature is off.
pub(in super::super) fn decoder() -> io::Result<Box<dyn Decoder>> {
    Err(without_feature(Compression::Xz))
}
