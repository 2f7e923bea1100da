use super::members;
use crate::writer::rolling::names::COMPRESSED;
use flate2::{Compression, GzBuilder};
use log_files::{
    FileKey,
    disk::{copy_owner_and_mode, create_private, open_to_read},
    trace_index::{TraceIndex, write_sidecar},
};
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufReader},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

pub(in super::super) use log_files::trace_index::remove_orphans;

/// Replaces a closed file by a compressed one with the same owner and mode. The gzip header has the identity of the original. `is_indexed`
/// sets whether an index of its trace ids is written too.
pub(in super::super) fn compress(path: &Path, is_indexed: bool) -> io::Result<()> {
    let original = open_to_read(path)?;
    // The name is unique, because another process may be compressing the same file.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Relaxed);
    let unfinished = with_suffix(
        path,
        &format!("{COMPRESSED}.{}-{number}.tmp", process::id()),
    );
    let compressed = with_suffix(path, COMPRESSED);
    let done = write(original, path, &unfinished, is_indexed).and_then(|index| {
        fs::rename(&unfinished, &compressed)?;
        Ok(index)
    });
    let index = match done {
        Ok(index) => index,
        Err(error) => {
            // The disk may be full, and the log needs the space.
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
    };
    // The file is complete without its index.
    let indexed = match index {
        Some(index) => {
            File::open(&compressed).and_then(|file| write_sidecar(&compressed, &file, &index))
        }
        None => Ok(()),
    };
    fs::remove_file(path).and(indexed)
}

fn write(
    mut original: File,
    path: &Path,
    unfinished: &Path,
    is_indexed: bool,
) -> io::Result<Option<TraceIndex>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let metadata = original.metadata()?;
    let header = GzBuilder::new()
        .filename(&*name.into_owned())
        .comment(FileKey::of(&metadata).to_string());
    let file = create_private(unfinished)?;
    let index = match is_indexed {
        true => Some(members::compress(BufReader::new(original), header, &file)?),
        false => {
            let mut out = header.write(&file, Compression::default());
            io::copy(&mut original, &mut out)?;
            out.finish()?;
            None
        }
    };
    copy_owner_and_mode(&file, &metadata);
    file.sync_all()?;
    match index {
        Some(index) => index.finish(&File::open(unfinished)?),
        None => Ok(None),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::{env, os::unix::fs::symlink};

    #[test]
    fn a_planted_link_in_place_of_an_unfinished_file_is_not_followed() {
        let folder = env::temp_dir().join(format!("tracing-stamp-gzip-{}", process::id()));
        fs::create_dir_all(&folder).expect("the folder can be created");
        let (path, victim) = (folder.join("a.jsonl"), folder.join("victim"));
        fs::write(&path, "a line\n").expect("the file can be written");
        fs::write(&victim, "text").expect("the file can be written");
        // All names that `compress` may choose next.
        for number in 0..100 {
            let unfinished = format!("{COMPRESSED}.{}-{number}.tmp", process::id());
            symlink(&victim, with_suffix(&path, &unfinished)).expect("the link can be created");
        }
        compress(&path, true).expect("the file can be compressed");
        assert_eq!(
            fs::read_to_string(&victim).expect("the file exists"),
            "text"
        );
        assert!(!with_suffix(&path, COMPRESSED).is_symlink());
        fs::remove_dir_all(&folder).expect("the folder exists");
    }
}
