//! The sidecars of compressed files.

use log_files::trace_index::{
    IndexBuilder, TraceIndex, TraceKey, has_sidecar, read_sidecar, remove_orphans, write_sidecar,
};
use proptest::prelude::*;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;

const ID: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
const TEXTS: [&str; 3] = [
    "first line\n",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736\n",
    "time=1795910400000000001\n",
];

fn key(id: u128) -> TraceKey {
    TraceKey::of(id).expect("a key")
}

/// Writes a file of these contents, and its index.
fn indexed(path: &Path, contents: &str) {
    fs::write(path, contents).expect("writable");
    let file = File::open(path).expect("readable");
    write_sidecar(path, &file, &index(&file)).expect("writable");
}

fn index(file: &File) -> TraceIndex {
    let mut builder = IndexBuilder::new();
    for text in TEXTS {
        builder.add(text.as_bytes());
        builder.end_block(text.as_bytes(), 10);
    }
    let index = builder.finish(file).expect("readable");
    index.expect("blocks of any length")
}

fn read(path: &Path) -> Option<TraceIndex> {
    read_sidecar(path, &File::open(path).expect("readable"))
}

/// Sets when a file was last written, so many seconds after its index.
fn set_written(path: &Path, seconds: i64) {
    let folder = path.parent().expect("a folder");
    let index = &sidecars(folder)[0];
    let written = fs::metadata(index).and_then(|index| index.modified());
    let written = written.expect("a time");
    let change = Duration::from_secs(seconds.unsigned_abs());
    let time = if seconds < 0 {
        written - change
    } else {
        written + change
    };
    let file = File::options().write(true).open(path).expect("writable");
    file.set_modified(time).expect("it can be set");
}

fn sidecars(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("readable");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let is_index = |path: &PathBuf| path.to_string_lossy().contains(".trace-index");
    paths.filter(is_index).collect()
}

#[test]
fn a_file_that_was_written_after_its_index_has_none_to_rely_on() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("app.log.1.gz");
    let contents = |middle: &str| format!("{}{middle}{}", "a".repeat(100_000), "b".repeat(100_000));
    indexed(&path, &contents("one"));
    for (seconds, is_used) in [(-3_600, true), (0, true), (1, false)] {
        // The length and both ends are the same.
        fs::write(&path, contents("two")).expect("writable");
        set_written(&path, seconds);
        assert_eq!(read(&path).is_some(), is_used, "{seconds}");
    }
}

#[test]
fn an_index_says_in_which_block_an_id_may_be_and_where_the_block_is() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("app.log.1.gz");
    indexed(&path, "compressed");
    let index = read(&path).expect("an index");
    let may_have = |id| {
        let blocks = index.blocks().iter();
        blocks
            .map(|block| block.may_have(key(id)))
            .collect::<Vec<_>>()
    };
    assert_eq!(may_have(ID), [false, true, false]);
    assert_eq!(
        may_have((1 << 64) + 1_795_910_400_000_000_001),
        [false, false, true]
    );
    assert_eq!(may_have(ID + 1), [false; 3]);
    let second = &index.blocks()[1];
    assert_eq!((second.text(), index.member_of(second)), (11..53, Some(10)));
    assert!(second.is(TEXTS[1].as_bytes()) && !second.is(TEXTS[0].as_bytes()));
}

#[test]
fn an_index_has_the_times_of_the_blocks_in_which_each_line_has_a_certain_one() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("app.log.1.gz");
    fs::write(&path, "compressed").expect("writable");
    let file = File::open(&path).expect("readable");
    let nanos = 1_795_967_309_000_000_000;
    let times = |is_unwrapped| {
        let mut builder = IndexBuilder::new().with_unwrapped_lines(is_unwrapped);
        let line = r#"{"time":"2026-11-29T15:48:29Z","msg":"m"}"#;
        for text in [line, "text", &line.replace("29Z", "30Z"), ""] {
            builder.add(text.as_bytes());
            builder.end_block(text.as_bytes(), 10);
        }
        let index = builder.finish(&file).expect("readable").expect("short");
        write_sidecar(&path, &file, &index).expect("writable");
        let read = read(&path).expect("an index");
        let times = |index: &TraceIndex| {
            let times = index.blocks().iter().map(|block| block.times().cloned());
            times.collect::<Vec<_>>()
        };
        assert_eq!(times(&read), times(&index));
        times(&index)
    };
    let next = nanos + 1_000_000_000;
    let expected = [Some(nanos..=nanos), None, Some(next..=next), None];
    assert_eq!(times(false), expected);
    // A container runtime adds a time of its own.
    assert_eq!(times(true), [const { None }; 4]);
}

#[test]
fn an_index_belongs_to_the_contents_of_a_file_and_not_to_its_name() {
    let folder = TempDir::new().expect("a folder");
    let (first, second) = (
        folder.path().join("app.log.1.gz"),
        folder.path().join("app.log.2.gz"),
    );
    indexed(&first, "compressed");
    fs::rename(&first, &second).expect("renamed");
    assert!(read(&second).is_some());
    for other in ["other text", "compressed, and longer", "compresseD", ""] {
        fs::write(&first, other).expect("writable");
        assert!(read(&first).is_none(), "{other}");
    }
    // Neither is it read if its name is that of the index of another file.
    indexed(&first, "other text");
    let mut paths = sidecars(folder.path());
    paths.sort();
    fs::copy(&paths[1], &paths[0]).expect("copied");
    let read_both = [read(&first).is_some(), read(&second).is_some()];
    assert_eq!(read_both.iter().filter(|is_read| **is_read).count(), 1);
}

#[cfg(feature = "read")]
#[test]
fn whoever_looks_for_log_files_does_not_find_an_index() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("app.log.1.gz");
    indexed(&path, "compressed");
    assert_eq!(sidecars(folder.path()).len(), 1);
    for pattern in ["", "**", "*", "*.*", "*.log*", "*.gz", "app.log"] {
        let mut sources = log_files::discover::Sources::default();
        sources.add(folder.path().join(pattern));
        let found = sources.find().files.into_iter().map(|file| file.path);
        assert_eq!(
            found.collect::<Vec<_>>(),
            std::slice::from_ref(&path),
            "{pattern}"
        );
    }
}

#[test]
fn only_the_indexes_of_files_that_are_gone_are_removed() {
    let folder = TempDir::new().expect("a folder");
    let (kept, removed) = (folder.path().join("a.gz"), folder.path().join("b.gz"));
    indexed(&kept, "compressed");
    indexed(&removed, "compressed, and longer");
    let foreign = folder.path().join(".notes.trace-index");
    fs::write(&foreign, "not an index").expect("writable");
    remove_orphans(folder.path()).expect("removable");
    assert_eq!(sidecars(folder.path()).len(), 3);
    fs::remove_file(&removed).expect("removed");
    remove_orphans(folder.path()).expect("removable");
    assert_eq!(sidecars(folder.path()).len(), 2);
    assert!(read(&kept).is_some() && foreign.exists());
}

#[cfg(unix)]
#[test]
fn an_index_has_the_mode_of_its_file_and_is_not_read_through_a_link() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("a.gz");
    fs::write(&path, "compressed").expect("writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("changeable");
    indexed(&path, "compressed");
    let sidecar = sidecars(folder.path()).remove(0);
    let mode = fs::metadata(&sidecar)
        .expect("readable")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&sidecar, &elsewhere).expect("renamed");
    symlink(&elsewhere, &sidecar).expect("linked");
    assert!(read(&path).is_none());
}

proptest! {
    #[test]
    fn a_sidecar_that_was_changed_or_cut_is_not_read(at in any::<prop::sample::Index>(), bits in 1_u8.., is_cut: bool) {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("a.gz");
        indexed(&path, "compressed");
        let sidecar = sidecars(folder.path()).remove(0);
        let mut bytes = fs::read(&sidecar).expect("readable");
        let at = at.index(bytes.len());
        match is_cut {
            true => bytes.truncate(at),
            false => bytes[at] ^= bits,
        }
        fs::write(&sidecar, bytes).expect("writable");
        prop_assert!(!has_sidecar(&path, &File::open(&path).expect("readable")));
    }

    #[test]
    fn bytes_with_the_right_checksum_never_fail(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8), end in any::<prop::sample::Index>()) {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("a.gz");
        indexed(&path, "compressed");
        let sidecar = sidecars(folder.path()).remove(0);
        let mut bytes = fs::read(&sidecar).expect("readable");
        bytes.truncate(bytes.len() - 4);
        // The identity stays, so that it is not the reason for which the index is ignored.
        for (at, byte) in changes {
            let at = 24 + at.index(bytes.len() - 24);
            bytes[at] = byte;
        }
        bytes.truncate(24 + end.index(bytes.len() - 23));
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        fs::write(&sidecar, bytes).expect("writable");
        if let Some(index) = read(&path) {
            for block in index.blocks() {
                let _ = block.may_have(key(ID));
            }
        }
    }
}
