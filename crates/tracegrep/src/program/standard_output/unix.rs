use std::{
    fs::File,
    io,
    os::fd::AsFd as _,
    path::{Path, PathBuf},
};

const PATH: &str = "/dev/stdout";

/// Returns a path that leads to the file. A terminal or a pipe is none.
pub(crate) fn path() -> Option<PathBuf> {
    let output = File::from(io::stdout().as_fd().try_clone_to_owned().ok()?);
    let is_file = output.metadata().is_ok_and(|metadata| metadata.is_file());
    is_file.then(|| Path::new(PATH).to_owned())
}
