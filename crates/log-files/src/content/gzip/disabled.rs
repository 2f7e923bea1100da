use crate::{
    content::{compression::without_feature, decoder::Decoder},
    names::Compression,
};
use std::{fs::File, io, sync::Arc};

/// # Errors
///
/// Always, since the feature is off.
pub(in super::super) fn decoder() -> io::Result<Box<dyn Decoder>> {
    Err(without_feature(Compression::Gzip))
}

/// Returns nothing. No gzip file can be opened without the feature.
pub(in super::super) fn original(_: &Arc<File>) -> io::Result<Option<(u64, u64)>> {
    Ok(None)
}
