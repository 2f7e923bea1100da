//! Files that settings name. They are read completely, if they are regular files and not too long.

use super::{platform::non_blocking, private::require_regular};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _},
    path::Path,
};

/// Maximum size of a file of certificates or keys. The roots of all public authorities together have a quarter of a megabyte.
pub const PEM_BYTES: u64 = 8 << 20;

/// Maximum size of a file with a token. Servers do not accept longer headers.
pub const TOKEN_BYTES: u64 = 64 << 10;

/// Reads a file of at most `max_bytes`.
///
/// # Errors
///
/// If the file is longer, or not a regular file. A named pipe is refused without waiting for its writer.
pub fn read(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    read_to(open_named(path)?, max_bytes)
}

/// Opens a file that a setting names, to read it.
///
/// # Errors
///
/// If it is not a regular file. A named pipe is refused without waiting for its writer.
pub fn open_named(path: &Path) -> io::Result<File> {
    let file = non_blocking(OpenOptions::new().read(true)).open(path)?;
    require_regular(file.metadata()?)?;
    Ok(file)
}

/// Reads a file of at most `max_bytes` that was created beside a log. Does not follow a symbolic link.
pub fn read_private(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    read_to(super::open_to_read(path)?, max_bytes)
}

fn read_to(file: File, max_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(max_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 <= max_bytes {
        return Ok(bytes);
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        format!("it is longer than {max_bytes} bytes"),
    ))
}
