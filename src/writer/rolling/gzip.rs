use super::{identity::Identity, names::COMPRESSED};
use flate2::{Compression, GzBuilder};
use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Puts a compressed file in the place of a closed one, whose identity its header tells.
pub(super) fn compress(path: &Path) -> io::Result<()> {
    let mut original = File::open(path)?;
    // Of its own: another process may be at it, that has the file open already.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Relaxed);
    let unfinished = with(
        path,
        &format!("{COMPRESSED}.{}-{number}.tmp", process::id()),
    );
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
