use super::{
    identity::Identity,
    names::{COMPRESSED, UNFINISHED},
};
use flate2::{Compression, GzBuilder};
use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// Puts a compressed file in the place of a closed one, whose identity its header tells.
pub(super) fn compress(path: &Path) -> io::Result<()> {
    let mut original = File::open(path)?;
    let unfinished = with(path, UNFINISHED);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let identity = Identity::of(&original.metadata()?);
    let mut out = GzBuilder::new()
        .filename(&*name.into_owned())
        .comment(identity.to_string())
        .write(File::create(&unfinished)?, Compression::default());
    io::copy(&mut original, &mut out)?;
    out.finish()?.sync_all()?;
    fs::rename(&unfinished, with(path, COMPRESSED))?;
    fs::remove_file(path)
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
