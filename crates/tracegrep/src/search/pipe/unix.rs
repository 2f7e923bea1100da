use std::{fs::Metadata, os::unix::fs::FileTypeExt as _};

pub(in super::super) fn is_pipe(metadata: &Metadata) -> bool {
    metadata.file_type().is_fifo()
}
