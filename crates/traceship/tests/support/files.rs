//! Folders and files of tests, and what other programs do with log files.

use std::{
    env, fs,
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// The folder of a test, which is removed on drop.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Relaxed);
        let path = env::temp_dir().join(format!("ship-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("the folder exists");
        Self(path)
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn append(path: &Path, text: &str) {
    let file = fs::File::options().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("it is written");
}

/// Writes over the NUL bytes at the end of a file. If there are too few, reserves space with more of them first.
pub(crate) fn overwrite(path: &Path, offset: u64, text: &str) {
    const STEP: u64 = 4 << 10;
    let file = fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path);
    let written = file.and_then(|mut file| {
        let end = offset + text.len() as u64;
        if file.metadata()?.len() < end {
            file.set_len(end.next_multiple_of(STEP))?;
        }
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(text.as_bytes())
    });
    written.expect("the file is written");
}

/// Compresses a file as another program does it, so that the compressed file does not name the inode of the original.
pub(crate) fn gzip(path: &Path) {
    let mut to = path.as_os_str().to_owned();
    to.push(".gz");
    let text = fs::read(path).expect("the file exists");
    fs::write(to, gzipped(&text)).expect("the file is written");
    fs::remove_file(path).expect("the file is removed");
}

pub(crate) fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).expect("writing to a Vec succeeds");
    encoder.finish().expect("writing to a Vec succeeds")
}

/// Empties a file in place.
pub(crate) fn empty(path: &Path) {
    let file = fs::File::options().write(true).open(path);
    file.and_then(|file| file.set_len(0))
        .expect("the file is emptied");
}
