use super::{identity::Identity, names::COMPRESSED};
use crate::disk::{create_private, keep_owner_and_mode, open_to_read};
use flate2::{Compression, GzBuilder};
use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Replaces a closed file by a compressed one, which has its owner and mode, and its identity in the header.
pub(super) fn compress(path: &Path) -> io::Result<()> {
    let original = open_to_read(path)?;
    // A name of its own: another process that has opened the closed file may be compressing it too.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Relaxed);
    let unfinished = with(
        path,
        &format!("{COMPRESSED}.{}-{number}.tmp", process::id()),
    );
    let done = write(original, path, &unfinished)
        .and_then(|()| fs::rename(&unfinished, with(path, COMPRESSED)));
    if let Err(error) = done {
        // On a full disk it would take the space that the log needs.
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    fs::remove_file(path)
}

fn write(mut original: File, path: &Path, unfinished: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let metadata = original.metadata()?;
    let mut out = GzBuilder::new()
        .filename(&*name.into_owned())
        .comment(Identity::of(&metadata).to_string())
        .write(create_private(unfinished)?, Compression::default());
    io::copy(&mut original, &mut out)?;
    let file = out.finish()?;
    keep_owner_and_mode(&file, &metadata);
    file.sync_all()
}

fn with(path: &Path, suffix: &str) -> PathBuf {
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
        fs::create_dir_all(&folder).expect("a folder");
        let (path, victim) = (folder.join("a.jsonl"), folder.join("victim"));
        fs::write(&path, "a line\n").expect("it can be written");
        fs::write(&victim, "text").expect("it can be written");
        // All names that it may choose next.
        for number in 0..100 {
            let unfinished = format!("{COMPRESSED}.{}-{number}.tmp", process::id());
            symlink(&victim, with(&path, &unfinished)).expect("a link");
        }
        compress(&path).expect("it is compressed");
        assert_eq!(fs::read_to_string(&victim).expect("it is there"), "text");
        assert!(!with(&path, COMPRESSED).is_symlink());
        fs::remove_dir_all(&folder).expect("it is there");
    }
}
