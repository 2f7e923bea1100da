//! Files that settings name: read whole, if they are regular files and not too long.

use super::{platform::not_blocking, private::regular};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _},
    path::Path,
};

/// The longest file of certificates or keys. The roots of all public authorities together have a quarter of a megabyte.
pub(crate) const PEM_BYTES: u64 = 8 << 20;

/// The longest file of a token: servers accept no longer headers.
#[cfg(feature = "ship")]
pub(crate) const TOKEN_BYTES: u64 = 64 << 10;

/// Reads a file of at most `most` bytes.
///
/// # Errors
///
/// Where it is longer, or not a regular file. A named pipe is refused without waiting for its writer.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_to(open_named(path)?, most)
}

/// Opens a file that a setting names, to read it.
///
/// # Errors
///
/// Where it is not a regular file. A named pipe is refused without waiting for its writer.
pub(crate) fn open_named(path: &Path) -> io::Result<File> {
    let file = not_blocking(OpenOptions::new().read(true)).open(path)?;
    regular(file.metadata()?)?;
    Ok(file)
}

/// Reads a file that this crate has made beside a log: no symbolic link is followed to it.
#[cfg(feature = "ship")]
pub(crate) fn read_private(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_to(super::open_to_read(path)?, most)
}

fn read_to(file: File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 <= most {
        return Ok(bytes);
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        format!("it is longer than {most} bytes"),
    ))
}
