use std::{
    fs::File,
    io,
    os::{fd::AsFd as _, unix::fs::FileTypeExt as _},
};

/// Sockets count as pipes, because some programs start others with them.
pub(crate) fn is_file_or_pipe() -> io::Result<bool> {
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let kind = input.metadata()?.file_type();
    Ok(kind.is_file() || kind.is_fifo() || kind.is_socket())
}
