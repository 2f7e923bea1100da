//! The file that has an index.

use super::{decode::decode, encode::encode, identity::Identity, index::TraceIndex};
use crate::disk::{copy_owner_and_mode, create_private, read_private};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// The beginning of the name. A dot and a number would look like the mark of a rotated file.
const PREFIX: &str = ".of-";

/// The end of the name.
const SUFFIX: &str = ".trace-index";

/// A longer sidecar is not read: it has the index of several gigabytes of compressed text.
const MAX_BYTES: u64 = 32 << 20;

/// Returns the index of a file, or `None` if there is none, or none to rely on. `path` is the path of the file, and changes only where the
/// sidecar is looked for. The position of the file is changed.
#[must_use]
pub fn read_sidecar(path: &Path, file: &File) -> Option<TraceIndex> {
    let identity = Identity::of(file).ok()?;
    let sidecar = sidecar(path, identity);
    // A file that was written later can have other contents between its ends.
    if fs::metadata(&sidecar).ok()?.modified().ok()? < file.metadata().ok()?.modified().ok()? {
        return None;
    }
    let bytes = read_private(&sidecar, MAX_BYTES).ok()?;
    decode(&bytes).filter(|index| index.identity == identity)
}

/// Whether a file has an index to rely on.
#[must_use]
pub fn has_sidecar(path: &Path, file: &File) -> bool {
    read_sidecar(path, file).is_some()
}

/// Writes the index of a file beside it, with the same owner and mode. The file must not have changed since the index was built.
///
/// # Errors
///
/// If the folder cannot be written to.
pub fn write_sidecar(path: &Path, file: &File, index: &TraceIndex) -> io::Result<()> {
    let sidecar = sidecar(path, index.identity);
    // The name is unique, because another process may index the same file.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Relaxed);
    let mut unfinished = sidecar.clone().into_os_string();
    unfinished.push(format!(".{}-{number}.tmp", process::id()));
    let write = || {
        let mut out = create_private(Path::new(&unfinished))?;
        out.write_all(&encode(index))?;
        copy_owner_and_mode(&out, &file.metadata()?);
        fs::rename(&unfinished, &sidecar)
    };
    let written = write();
    if written.is_err() {
        // The disk may be full.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Removes the indexes of files that are no longer in a folder. An index is kept if there is a file of the same length.
///
/// # Errors
///
/// If the folder cannot be read, or an index cannot be removed.
pub fn remove_orphans(folder: &Path) -> io::Result<()> {
    let mut lengths = BTreeSet::new();
    let mut sidecars = Vec::new();
    for entry in fs::read_dir(or_current(folder))? {
        let entry = entry?;
        if let Some(length) = entry.file_name().to_str().and_then(length_in) {
            sidecars.push((entry.path(), length));
        } else if let Ok(metadata) = entry.path().metadata() {
            lengths.insert(metadata.len());
        }
    }
    for (path, length) in sidecars {
        if !lengths.contains(&length) {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn sidecar(path: &Path, identity: Identity) -> PathBuf {
    let Identity { length, hash } = identity;
    path.with_file_name(format!("{PREFIX}{length}-{hash:016x}{SUFFIX}"))
}

/// Returns the length in the name of a sidecar, or of an unfinished one.
fn length_in(name: &str) -> Option<u64> {
    let (identity, _) = name.strip_prefix(PREFIX)?.split_once(SUFFIX)?;
    let (length, hash) = identity.split_once('-')?;
    (hash.len() == 16).then(|| length.parse().ok())?
}

fn or_current(folder: &Path) -> &Path {
    match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    }
}
