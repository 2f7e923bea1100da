//! Tests of `tracegrep --follow` for files that logrotate copies and truncates.

#[path = "support/following.rs"]
mod following;
#[path = "support/logs.rs"]
mod logs;
mod support;

use following::{Following, append, info, without_probes};
use logs::Logs;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
    thread,
    time::Duration,
};
use support::{TRACE, text};

const LAST: &str = "the last line";

/// Lines of the trace, one with each of these numbers.
fn numbered(numbers: std::ops::Range<usize>) -> Vec<serde_json::Value> {
    let filling = "x".repeat(1_000);
    numbers
        .map(|number| info(TRACE, &format!("line {number:04} {filling}")))
        .collect()
}

/// Copies a file in this many steps, with a pause after each.
fn copy_slowly(from: &Path, to: &Path, steps: u64, mut between: impl FnMut()) {
    let mut original = File::open(from).expect("the original");
    let mut copy = File::create(to).expect("the copy");
    let bytes = original.metadata().expect("its length").len();
    let step = usize::try_from(bytes.div_ceil(steps)).expect("a length");
    for _ in 0..steps {
        let mut buffer = vec![0; step];
        let read = original.read(&mut buffer).expect("it is read");
        copy.write_all(&buffer[..read]).expect("it is written");
        thread::sleep(Duration::from_millis(400));
        between();
    }
    io::copy(&mut original, &mut copy).expect("the rest is copied");
}

fn truncate(logs: &Logs, name: &str) {
    let file = OpenOptions::new().write(true).open(logs.path().join(name));
    file.and_then(|file| file.set_len(0)).expect("truncated");
}

/// The numbers of the lines that are printed, up to the last line.
fn numbers(following: &Following) -> Vec<usize> {
    let lines = without_probes(following.until(LAST));
    let number = |line: &String| {
        let at = line.find("line ")? + 5;
        line.get(at..at + 4)?.parse().ok()
    };
    lines.iter().filter_map(number).collect()
}

#[test]
fn lines_of_a_slow_copy_are_printed_once_whatever_its_name() {
    for copy in ["app.log.1", "app.log-20261129", "backup/app.log", "z.log"] {
        let logs = Logs::new(&[
            ("app.log", &text(&numbered(0..300))),
            ("old.log", &text(&numbered(900..910))),
        ]);
        fs::create_dir(logs.path().join("backup")).expect("a folder");
        let following = Following::start(&logs, &["--follow", "4bf92f35", "."]);
        following.wait_for_lines_of(&logs, "app.log", TRACE);
        append(&logs, "app.log", &numbered(300..310));
        // The copy may get the inode of a file that was known.
        fs::remove_file(logs.path().join("old.log")).expect("removed");
        let (original, copy) = (logs.path().join("app.log"), logs.path().join(copy));
        let mut next = 310;
        copy_slowly(&original, &copy, 5, || {
            append(&logs, "app.log", &numbered(next..next + 3));
            next += 3;
        });
        // The copy has no lines that are written after its end was read.
        append(&logs, "app.log", &numbered(next..next + 1));
        next += 1;
        thread::sleep(Duration::from_millis(700));
        truncate(&logs, "app.log");
        append(&logs, "app.log", &numbered(next..next + 2));
        thread::sleep(Duration::from_millis(700));
        append(&logs, "app.log", &[info(TRACE, LAST)]);
        assert_eq!(
            numbers(&following),
            (300..next + 2).collect::<Vec<_>>(),
            "{copy:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn lines_that_only_the_copy_has_are_printed_once() {
    for copy in ["app.log.1", "backup/app.log"] {
        let logs = Logs::new(&[("app.log", &text(&numbered(0..20)))]);
        fs::create_dir(logs.path().join("backup")).expect("a folder");
        let following = Following::start(&logs, &["--follow", "4bf92f35", "."]);
        following.wait_for_lines_of(&logs, "app.log", TRACE);
        following.pause();
        append(&logs, "app.log", &numbered(20..30));
        let (original, copy) = (logs.path().join("app.log"), logs.path().join(copy));
        fs::copy(&original, &copy).expect("copied");
        truncate(&logs, "app.log");
        append(&logs, "app.log", &numbered(30..32));
        following.resume();
        thread::sleep(Duration::from_millis(1_500));
        append(&logs, "app.log", &[info(TRACE, LAST)]);
        let mut found = numbers(&following);
        found.sort_unstable();
        assert_eq!(found, (20..32).collect::<Vec<_>>(), "{copy:?}");
    }
}

#[test]
fn a_new_file_that_begins_like_another_one_is_read_from_its_start() {
    let logs = Logs::new(&[("app.log", &text(&numbered(0..10)))]);
    let following = Following::start(&logs, &["--follow", "4bf92f35", "."]);
    following.wait_for_lines_of(&logs, "app.log", TRACE);
    append(&logs, "other.log", &numbered(0..2));
    thread::sleep(Duration::from_millis(700));
    append(&logs, "other.log", &numbered(50..51));
    append(&logs, "other.log", &[info(TRACE, LAST)]);
    assert_eq!(numbers(&following), [0, 1, 50]);
}
