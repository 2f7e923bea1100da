//! Coming from tracing-appender.

use super::page::{Row, check};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process, thread,
    time::{Duration, Instant, SystemTime},
};
use tracing::{info, subscriber::with_default};
use tracing_appender::{
    non_blocking::NonBlockingBuilder,
    rolling::{RollingFileAppender, Rotation as AppenderRotation},
};
use tracing_stamp::writer::{Background, Overflow, RollingFile, Rotation};
use tracing_subscriber::{fmt::MakeWriter, prelude::*};

const ROWS: &[Row] = &[
    (
        "`non_blocking(file)`, and its `WorkerGuard`",
        "`Background::new(file).start()?`, and its `WorkerGuard`",
        lines_are_in_the_file_when_the_guard_is_dropped,
    ),
    (
        "`NonBlockingBuilder::default().lossy(false)`",
        "`Background::new(file).with_overflow(Overflow::Block { limit })`",
        a_caller_can_wait_instead_of_losing_lines,
    ),
    (
        "`rolling::daily(folder, name)`: `name.2026-11-22`",
        "`RollingFile::open(folder.join(name))?.with_rotation(Rotation::Daily)`: the current file's path never changes, closed ones have the time in theirs",
        a_file_of_each_day_has_the_lines_of_that_day,
    ),
    (
        "`max_log_files(14)`, which counts the current file",
        "`with_max_files(13)`, which does not",
        the_same_number_of_files_is_kept,
    ),
];

#[test]
fn each_row_of_the_page_has_its_test() {
    check("Coming from `tracing-appender`", ROWS);
}

/// An empty folder, removed at the end of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("stamp-migration-{}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The names of the files with lines, sorted.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Logs a number of events through `fmt().json()`.
fn log_with_fmt<W>(writer: W, events: u64)
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().json().with_writer(writer);
    with_default(tracing_subscriber::registry().with(layer), || {
        (0..events).for_each(|number| info!(number, "logged"));
    });
}

/// Logs the same events through this crate.
fn log_with_stamp<W>(writer: W, events: u64)
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let layer = tracing_stamp::layer().with_writer(writer);
    with_default(tracing_subscriber::registry().with(layer), || {
        (0..events).for_each(|number| info!(number, "logged"));
    });
}

/// The number of lines in a file, which have to be the events in order.
fn lines(path: &Path) -> u64 {
    let text = fs::read_to_string(path).unwrap();
    for (number, line) in text.lines().enumerate() {
        let number = format!(r#""number":{number}"#);
        assert!(line.contains(&number), "{number} in {line}");
    }
    text.lines().count() as u64
}

#[test]
fn lines_are_in_the_file_when_the_guard_is_dropped() {
    let folder = Folder::new("guard");
    let (before, after) = (folder.file("before"), folder.file("after"));

    let (writer, guard) = tracing_appender::non_blocking(fs::File::create(&before).unwrap());
    log_with_fmt(writer, 100);
    drop(guard);

    let (writer, guard) = Background::new(fs::File::create(&after).unwrap())
        .start()
        .unwrap();
    log_with_stamp(writer, 100);
    drop(guard);

    assert_eq!(lines(&before), 100);
    assert_eq!(lines(&after), 100);
}

#[test]
fn a_caller_can_wait_instead_of_losing_lines() {
    const EVENTS: u64 = 20_000;
    let folder = Folder::new("waits");
    let (before, after) = (folder.file("before"), folder.file("after"));

    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(8)
        .finish(fs::File::create(&before).unwrap());
    log_with_fmt(writer, EVENTS);
    drop(guard);

    let limit = Duration::from_secs(60);
    let (writer, guard) = Background::new(fs::File::create(&after).unwrap())
        .with_overflow(Overflow::Block { limit })
        .with_capacity_bytes(64 * 1024)
        .with_shutdown_timeout(limit)
        .start()
        .unwrap();
    log_with_stamp(writer, EVENTS);
    drop(guard);

    assert_eq!(lines(&before), EVENTS);
    assert_eq!(lines(&after), EVENTS);
}

#[test]
fn a_file_of_each_day_has_the_lines_of_that_day() {
    let folder = Folder::new("daily");
    let (writer, guard) =
        tracing_appender::non_blocking(tracing_appender::rolling::daily(&folder.0, "before.jsonl"));
    log_with_fmt(writer, 10);
    drop(guard);
    let path = folder.file("after.jsonl");
    let file = RollingFile::open(&path)
        .unwrap()
        .with_rotation(Rotation::Daily);
    let (writer, guard) = Background::new(file).start().unwrap();
    log_with_stamp(writer, 10);
    drop(guard);

    let dated = folder
        .names()
        .into_iter()
        .find(|name| name.starts_with("before.jsonl.20"));
    assert_eq!(lines(&folder.file(&dated.unwrap())), 10);
    assert_eq!(lines(&path), 10);

    // The next start on another day closes the file.
    let yesterday = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(yesterday)
        .unwrap();
    let file = RollingFile::open(&path)
        .unwrap()
        .with_rotation(Rotation::Daily);
    let (writer, guard) = Background::new(file).start().unwrap();
    log_with_stamp(writer, 3);
    drop(guard);
    assert_eq!(lines(&path), 3);
    let closed = folder
        .names()
        .into_iter()
        .find(|name| name.starts_with("after.20"));
    assert_eq!(lines(&folder.file(&closed.unwrap())), 10);
}

#[test]
fn the_same_number_of_files_is_kept() {
    let folder = Folder::new("kept");
    // There are files of four days. Then a start keeps three files at most.
    for day in 1..=4 {
        for name in [
            format!("before.jsonl.2026-01-0{day}"),
            format!("after.2026010{day}T000000.000000Z.jsonl"),
        ] {
            fs::write(folder.file(&name), "{}\n").unwrap();
        }
    }
    let appender = RollingFileAppender::builder()
        .rotation(AppenderRotation::DAILY)
        .filename_prefix("before.jsonl")
        .max_log_files(3)
        .build(&folder.0)
        .unwrap();
    let (writer, guard) = tracing_appender::non_blocking(appender);
    log_with_fmt(writer, 1);
    drop(guard);

    let file = RollingFile::open(folder.file("after.jsonl"))
        .unwrap()
        .with_max_files(2);
    let (writer, guard) = Background::new(file).start().unwrap();
    log_with_stamp(writer, 1);
    drop(guard);

    let count = |prefix: &str| {
        let names = folder.names();
        names.iter().filter(|name| name.starts_with(prefix)).count()
    };
    assert_eq!(count("before."), 3, "{:?}", folder.names());
    // A separate thread removes closed files.
    let begin = Instant::now();
    while count("after.") != 3 {
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "{:?}",
            folder.names()
        );
        thread::yield_now();
    }
}
