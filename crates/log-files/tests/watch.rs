//! Watches real folders.

use log_files::watch::{Changes, FolderWatch};
use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// An event that does not come within this time does not come.
const LONG: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_secs(3_600);

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().to_owned();
    (folder, path)
}

/// Watches folders by events alone, after the looks that are due at first. Returns `None` if the system has no events for this process.
fn watch(folders: &[&Path]) -> Option<FolderWatch> {
    let watch = FolderWatch::new(|| {});
    let mut watch = watch.with_poll_interval(HOUR).with_full_interval(HOUR);
    assert_eq!(watch.changes(), Changes::Everything);
    watch.watch(folders.iter().copied());
    if watch.polled().next().is_some() {
        return None;
    }
    let new = folders.iter().map(|folder| folder.to_path_buf()).collect();
    assert_eq!(
        watch.changes(),
        Changes::Paths(new),
        "files may have changed before"
    );
    Some(watch)
}

#[track_caller]
fn wait_for(watch: &mut FolderWatch, expected: &Path) {
    let begin = Instant::now();
    let mut all = Vec::new();
    while begin.elapsed() < LONG {
        match watch.wait(LONG) {
            Changes::Paths(paths) if paths.contains(expected) => return,
            other => all.push(other),
        }
    }
    panic!("{} was not reported, but {all:?}", expected.display());
}

#[track_caller]
fn wait_for_everything(watch: &mut FolderWatch) {
    let begin = Instant::now();
    while watch.wait(LONG) != Changes::Everything {
        assert!(begin.elapsed() < LONG, "no look at everything is due");
    }
}

fn append(path: &Path) {
    let file = File::options().create(true).append(true).open(path);
    let mut file = file.expect("the file can be opened");
    file.write_all(b"line\n").expect("it can be written");
}

#[test]
fn new_and_growing_files_are_reported() {
    let (_guard, folder) = folder();
    let old = folder.join("old.log");
    append(&old);
    let Some(mut watch) = watch(&[&folder]) else {
        return;
    };
    assert_eq!(watch.changes(), Changes::Nothing);
    append(&old);
    wait_for(&mut watch, &old);
    append(&folder.join("new.log"));
    wait_for(&mut watch, &folder.join("new.log"));
}

#[test]
fn a_renamed_file_is_reported_with_both_names() {
    let (_guard, folder) = folder();
    let (from, to) = (folder.join("a.log"), folder.join("a.log.1"));
    append(&from);
    let Some(mut watch) = watch(&[&folder]) else {
        return;
    };
    fs::rename(&from, &to).expect("it can be renamed");
    let mut seen = Vec::new();
    while !(seen.contains(&from) && seen.contains(&to)) {
        match watch.wait(LONG) {
            Changes::Paths(paths) => seen.extend(paths),
            other => panic!("{other:?} after {seen:?}"),
        }
    }
}

#[test]
fn reading_files_is_not_a_change() {
    let (_guard, folder) = folder();
    let path = folder.join("a.log");
    append(&path);
    let Some(mut watch) = watch(&[&folder]) else {
        return;
    };
    fs::read(&path).expect("it can be read");
    fs::read_dir(&folder)
        .expect("it can be read")
        .for_each(drop);
    assert_eq!(watch.wait(Duration::from_millis(300)), Changes::Nothing);
}

#[test]
fn the_callback_is_called_when_something_changes() {
    let (_guard, folder) = folder();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let mut watch = FolderWatch::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
    })
    .with_poll_interval(HOUR);
    watch.changes();
    watch.watch([folder.as_path()]);
    if watch.polled().next().is_some() {
        return;
    }
    watch.changes();
    append(&folder.join("a.log"));
    wait_for(&mut watch, &folder.join("a.log"));
    assert!(calls.load(Ordering::SeqCst) > 0);
}

#[test]
fn a_folder_that_does_not_exist_is_polled_until_it_does() {
    let (_guard, folder) = folder();
    let later = folder.join("later");
    let mut watch = FolderWatch::new(|| {})
        .with_poll_interval(Duration::from_millis(10))
        .with_full_interval(HOUR);
    watch.changes();
    watch.watch([folder.as_path(), later.as_path()]);
    let polled: Vec<_> = watch.polled().map(Path::to_owned).collect();
    if polled.contains(&folder) {
        return;
    }
    assert_eq!(polled, std::slice::from_ref(&later));
    watch.changes();
    wait_for(&mut watch, &later);
    fs::create_dir(&later).expect("it can be created");
    watch.watch([folder.as_path(), later.as_path()]);
    assert_eq!(watch.polled().count(), 0);
}

#[test]
fn a_folder_that_is_replaced_is_watched_again() {
    let (_guard, folder) = folder();
    let logs = folder.join("logs");
    fs::create_dir(&logs).expect("it can be created");
    let Some(watch) = watch(&[&logs]) else {
        return;
    };
    let mut watch = watch.with_poll_interval(Duration::from_millis(10));
    for replaced in ["moved", "removed"] {
        match replaced {
            "moved" => fs::rename(&logs, folder.join("old")),
            _ => fs::remove_dir_all(&logs),
        }
        .expect("the folder is there");
        fs::create_dir(&logs).expect("it can be created");
        wait_for_everything(&mut watch);
        watch.watch([logs.as_path()]);
        assert_eq!(watch.polled().count(), 0, "{replaced}");
        append(&logs.join("a.log"));
        wait_for(&mut watch, &logs.join("a.log"));
    }
}

#[cfg(unix)]
#[test]
fn changes_are_reported_under_the_paths_of_the_caller() {
    let (_guard, folder) = folder();
    let (real, link) = (folder.join("real"), folder.join("link"));
    fs::create_dir(&real).expect("it can be created");
    std::os::unix::fs::symlink(&real, &link).expect("a link can be created");
    let Some(mut watch) = watch(&[&link, &real]) else {
        return;
    };
    append(&real.join("a.log"));
    match watch.wait(LONG) {
        Changes::Paths(paths) => {
            assert!(paths.contains(&link.join("a.log")) && paths.contains(&real.join("a.log")));
        }
        other => panic!("{other:?}"),
    }
    watch.watch([link.as_path()]);
    append(&real.join("b.log"));
    wait_for(&mut watch, &link.join("b.log"));
}

#[test]
fn everything_is_polled_without_events() {
    let (_guard, folder) = folder();
    let mut watch = FolderWatch::new(|| {})
        .with_events(false)
        .with_poll_interval(Duration::from_millis(10));
    for _ in 0..3 {
        assert_eq!(watch.wait(LONG), Changes::Everything);
        watch.watch([folder.as_path()]);
        assert_eq!(watch.polled().count(), 1);
    }
}

#[test]
fn a_look_at_everything_is_due_at_intervals() {
    let (_guard, folder) = folder();
    let Some(watch) = watch(&[&folder]) else {
        return;
    };
    assert!(watch.due_in() > HOUR / 2);
    let mut watch = watch.with_full_interval(Duration::from_millis(20));
    wait_for_everything(&mut watch);
    wait_for_everything(&mut watch);
}

/// A write through a hard link in another folder has no event in the watched folder, as a write by another machine has none.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_in_which_a_file_grows_without_an_event_is_polled() {
    let (_guard, folder) = folder();
    let (logs, other) = (folder.join("logs"), folder.join("other"));
    for path in [&logs, &other] {
        fs::create_dir(path).expect("it can be created");
    }
    let (file, hidden) = (logs.join("a.log"), other.join("a.log"));
    append(&file);
    fs::hard_link(&file, &hidden).expect("a hard link can be created");
    let Some(watch) = watch(&[&logs]) else {
        return;
    };
    let mut watch = watch.with_full_interval(Duration::from_millis(10));
    wait_for_everything(&mut watch);
    wait_for_everything(&mut watch);
    let mut watch = watch.with_full_interval(HOUR);
    append(&hidden);
    watch.note_growth(&file);
    append(&logs.join("b.log"));
    wait_for(&mut watch, &logs.join("b.log"));
    watch.note_growth(&logs.join("b.log"));
    let mut watch = watch.with_poll_interval(Duration::from_millis(50));
    let begin = Instant::now();
    while watch.polled().next().is_none() {
        watch.wait(Duration::from_millis(50));
        assert!(begin.elapsed() < LONG, "the folder is not polled");
    }
    wait_for_everything(&mut watch);
    watch.watch([logs.as_path()]);
    assert_eq!(watch.polled().count(), 1, "it is polled for good");
}

#[test]
fn many_writes_are_reported_without_delay_and_do_not_lose_the_last_one() {
    let (_guard, folder) = folder();
    let Some(watch) = watch(&[&folder]) else {
        return;
    };
    let mut watch = watch.with_poll_interval(Duration::from_millis(10));
    let mut files: Vec<File> = (0..4)
        .map(|number| {
            File::create(folder.join(format!("{number}.log"))).expect("it can be created")
        })
        .collect();
    for _ in 0..10_000 {
        for file in &mut files {
            file.write_all(b"line\n").expect("it can be written");
        }
    }
    let last = folder.join("last.log");
    append(&last);
    let begin = Instant::now();
    loop {
        match watch.wait(LONG) {
            // The system had too many events, and dropped the last ones.
            Changes::Everything => break,
            Changes::Paths(paths) if paths.contains(&last) => break,
            _ => assert!(begin.elapsed() < LONG, "the last write was not reported"),
        }
    }
}
