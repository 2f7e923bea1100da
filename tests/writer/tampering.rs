//! Log files in folders that other users may write to, and paths that are not regular files.

use super::files::{Folder, read};
#[cfg(feature = "gzip")]
use super::wait_until;
use std::{
    fs::{self, File, Permissions},
    io::{Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
    process::Command,
};
use tracing_stamp::writer::RollingFile;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file exists").mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("the mode can be set");
}

/// Any user who can open a lock file can lock it.
#[test]
fn other_users_cannot_open_a_lock_file_and_so_cannot_lock_it() {
    let folder = Folder::new();
    let lock = folder.path().join(".orders.jsonl.lock");
    drop(RollingFile::open(folder.current()).expect("the file can be opened"));
    assert_eq!(mode(&lock), 0o600);
    // As an earlier version has left it.
    set_mode(&lock, 0o644);
    drop(RollingFile::open(folder.current()).expect("the file can be opened"));
    assert_eq!(mode(&lock), 0o600);
}

#[test]
fn a_new_log_and_its_compressed_predecessor_have_the_owner_and_mode_of_the_log() {
    let folder = Folder::new();
    fs::write(folder.current(), "").expect("the file can be written");
    // Only root may change the owner of a file.
    let is_root = std::os::unix::fs::chown(folder.current(), Some(12_345), Some(12_346)).is_ok();
    set_mode(&folder.current(), 0o640);
    let file = RollingFile::open(folder.current()).expect("the file can be opened");
    let mut file = file.with_max_bytes(10);
    #[cfg(feature = "gzip")]
    {
        file = file.with_gzip();
    }
    for _ in 0..3 {
        file.write_all(b"a line\n").expect("the disk has room");
    }
    #[cfg(feature = "gzip")]
    wait_until("both closed files are compressed", || {
        let is_gz = |path: &&std::path::PathBuf| path.extension().is_some_and(|end| end == "gz");
        let files = folder.files();
        files.len() == 3 && files.iter().filter(is_gz).count() == 2
    });
    assert_eq!(folder.files().len(), 3);
    for path in folder.files() {
        assert_eq!(mode(&path), 0o640, "{}", path.display());
        let metadata = fs::metadata(&path).expect("the file exists");
        let owner = (metadata.uid(), metadata.gid());
        assert!(!is_root || owner == (12_345, 12_346), "{}", path.display());
    }
}

#[test]
fn a_planted_link_in_place_of_the_lock_is_not_followed() {
    let folder = Folder::new();
    let victim = folder.path().join("victim");
    symlink(&victim, folder.path().join(".orders.jsonl.lock")).expect("the link can be created");
    let error = RollingFile::open(folder.current()).expect_err("the path is a symbolic link");
    assert!(format!("{error:#}").contains("symbolic link"), "{error:#}");
    assert!(!victim.exists());
}

#[test]
fn a_planted_link_in_place_of_the_log_is_not_followed() {
    let folder = Folder::new();
    let victim = folder.path().join("victim");
    let mut file = RollingFile::open(folder.current()).expect("the file can be opened");
    file.write_all(b"a line\n").expect("the disk has room");
    for text in [None, Some("text")] {
        fs::remove_file(folder.current()).expect("the file exists");
        if let Some(text) = text {
            fs::write(&victim, text).expect("the file can be written");
        }
        symlink(&victim, folder.current()).expect("the link can be created");
        let error = file
            .write_all(b"a line\n")
            .expect_err("the path is a symbolic link");
        assert!(format!("{error:#}").contains("symbolic link"), "{error:#}");
        assert_eq!(fs::read_to_string(&victim).ok().as_deref(), text);
    }
    fs::remove_file(folder.current()).expect("the file exists");
    file.write_all(b"a line\n").expect("the link was removed");
    assert_eq!(read(&folder.current()), "a line\n");
}

/// Creates a named pipe. By default, opening one for writing waits for a reader.
fn create_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo runs").success());
}

#[test]
fn a_named_pipe_without_a_reader_is_refused_at_once_and_one_with_a_reader_is_written() {
    let folder = Folder::new();
    create_pipe(&folder.current());
    let error = RollingFile::open(folder.current()).expect_err("the pipe has no reader");
    assert!(error.to_string().contains("cannot be opened"), "{error}");
    // Opened for reading and writing, so that opening does not wait.
    let mut reader = File::options()
        .read(true)
        .write(true)
        .open(folder.current())
        .expect("the file can be opened");
    let file = RollingFile::open(folder.current()).expect("the pipe has a reader");
    let mut file = file.with_max_bytes(10);
    for _ in 0..3 {
        file.write_all(b"a line\n").expect("the disk has room");
    }
    let mut lines = [0; 21];
    reader
        .read_exact(&mut lines)
        .expect("the lines are in the pipe");
    assert_eq!(&lines, b"a line\na line\na line\n");
    assert_eq!(
        folder.files(),
        [folder.current()],
        "no other file is created"
    );
}

#[test]
fn a_link_to_a_missing_file_creates_that_file() {
    let folder = Folder::new();
    let link = folder.path().join("link.jsonl");
    symlink("orders.jsonl", &link).expect("the link can be created");
    let mut file = RollingFile::open(&link)
        .expect("the file can be opened")
        .with_max_bytes(10);
    for _ in 0..2 {
        file.write_all(b"a line\n").expect("the disk has room");
    }
    assert!(link.is_symlink());
    assert_eq!(read(&link), "a line\n");
    assert_eq!(file.path(), folder.current());
}

#[test]
fn a_folder_is_refused_and_gets_no_lock_file() {
    let folder = Folder::new();
    fs::create_dir(folder.current()).expect("the folder can be created");
    let error = RollingFile::open(folder.current()).expect_err("it is a folder");
    assert!(error.is_system(), "{error}");
    assert!(format!("{error:#}").contains("directory"), "{error:#}");
    let beside = fs::read_dir(folder.path()).expect("the folder can be read");
    assert_eq!(beside.count(), 1, "no other file is created");
}
