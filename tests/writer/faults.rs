//! Disks that are full, pipes that are closed or full, readers that stop.

use super::{
    PATIENCE, children,
    files::{Folder, read},
    logging,
    told::Told,
    wait_until,
};
use std::{
    env,
    fs::{self, File},
    io::{self, BufRead as _, BufReader, PipeReader, Read as _, Write as _},
    path::PathBuf,
    process::Command,
    thread,
    time::Duration,
};
use tracing::info;
use tracing_stamp::writer::{Background, BackgroundWriter, Overflow, RollingFile};
use tracing_subscriber::fmt::MakeWriter as _;

fn log(writer: &BackgroundWriter, numbers: std::ops::Range<u64>) {
    logging(writer, || {
        for number in numbers {
            info!(number, "line");
        }
    });
}

fn numbers(text: &str) -> Vec<u64> {
    let number = |line: &str| super::support::Line::parse(line).get("number").as_u64();
    text.lines().filter_map(number).collect()
}

#[test]
fn a_disk_that_is_always_full_is_told_once_and_what_waited_is_counted_at_the_end() {
    let full = File::options()
        .write(true)
        .open("/dev/full")
        .expect("a device");
    let told = Told::default();
    let (writer, guard) = told
        .listen(Background::new(full))
        .start()
        .expect("a thread");
    log(&writer, 0..100);
    wait_until("it is tried again", || writer.stats().write_errors() > 2);
    assert!(writer.flush(Duration::from_millis(10)).is_err());
    let error = guard
        .shutdown(Duration::from_millis(10))
        .expect_err("it is full");
    assert!(error.to_string().contains("given up"), "{error}");
    wait_until("they are given up", || {
        writer.stats().abandoned_lines() == 100
    });
    assert!(writer.flush(PATIENCE).is_err(), "they are not written");
    let stats = writer.stats();
    assert_eq!((stats.accepted_lines(), stats.written_lines()), (100, 0));
    wait_until("it is told", || told.all().len() == 2);
    assert!(told.has("No space left on device"), "{:?}", told.all());
    assert!(
        told.has("100 log lines were not written"),
        "{:?}",
        told.all()
    );
}

/// A small disk, for as long as a test needs it.
struct Disk {
    path: PathBuf,
    /// In which it is mounted.
    _folder: Folder,
}

impl Disk {
    /// `None` where that is not possible. Not everybody may mount: other tests of this file need no right.
    fn mount(size: &str) -> Option<Self> {
        let folder = Folder::new();
        let path = folder.path().join("disk");
        fs::create_dir(&path).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(&path)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then(|| Self {
                path,
                _folder: folder,
            })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(&self.path).status();
        // Where the test has failed that is what is told.
        if !thread::panicking() {
            assert!(unmounted.expect("it is mounted").success());
        }
    }
}

#[test]
fn removing_the_file_on_a_full_disk_makes_room_and_no_line_is_torn() {
    let Some(disk) = Disk::mount("64k") else {
        return;
    };
    let path = disk.path.join("orders.jsonl");
    let file = RollingFile::open(&path).expect("it can be opened");
    let told = Told::default();
    let (writer, guard) = told
        .listen(Background::new(file))
        .start()
        .expect("a thread");
    log(&writer, 0..700);
    wait_until("it is full", || told.has("No space left on device"));
    fs::remove_file(&path).expect("it is there");
    writer.flush(PATIENCE).expect("there is room");
    guard.shutdown(PATIENCE).expect("there is room");
    let text = read(&path);
    let numbers = numbers(&text);
    let first = numbers[0];
    assert!(first > 0, "the first were removed");
    assert_eq!(numbers, (first..700).collect::<Vec<_>>());
}

#[test]
fn a_torn_file_on_a_full_disk_can_be_opened() {
    let Some(disk) = Disk::mount("64k") else {
        return;
    };
    let path = disk.path.join("orders.jsonl");
    drop(RollingFile::open(&path).expect("there is room"));
    fs::write(&path, vec![b'x'; 200_000]).expect_err("there is no room");
    let opened = RollingFile::open(&path).map(drop);
    opened.expect("its line is ended later");
}

#[test]
fn writing_resumes_at_the_byte_when_a_full_disk_has_room_again() {
    let Some(disk) = Disk::mount("256k") else {
        return;
    };
    let ballast = disk.path.join("ballast");
    fs::write(&ballast, vec![0; 150 << 10]).expect("there is room");
    let file = RollingFile::open(disk.path.join("orders.jsonl")).expect("it can be opened");
    let told = Told::default();
    let (writer, guard) = told
        .listen(Background::new(file))
        .start()
        .expect("a thread");
    // Half a megabyte's worth of lines is too much, a quarter is not.
    log(&writer, 0..1_500);
    wait_until("it is told", || told.has("No space left on device"));
    fs::remove_file(&ballast).expect("it is there");
    writer.flush(PATIENCE).expect("there is room");
    log(&writer, 1_500..1_510);
    guard.shutdown(PATIENCE).expect("there is room");
    let written = numbers(&read(&disk.path.join("orders.jsonl")));
    assert_eq!(written, (0..1_510).collect::<Vec<_>>());
    assert!(told.has("written again"), "{:?}", told.all());
    assert_eq!(
        writer.stats().lost_lines() + writer.stats().abandoned_lines(),
        0
    );
}

/// Writes until its file may grow no more, and on when it may.
pub(crate) fn limited_child() {
    let path = env::var("STAMP_TEST_PATH").expect("a path");
    let file = RollingFile::open(path).expect("it can be opened");
    let (writer, guard) = Background::new(file)
        .with_diagnostics(|diagnosis| eprintln!("{diagnosis}"))
        .start()
        .expect("a thread");
    log(&writer, 0..1_000);
    writer.flush(PATIENCE).expect("the limit is lifted");
    guard.shutdown(PATIENCE).expect("there is no limit");
}

#[test]
fn writing_resumes_when_a_file_may_grow_again() {
    let folder = Folder::new();
    // bash, since its limit is in kilobytes and a signal that it ignores is ignored by what it runs.
    let program = children::command("limited");
    let mut bash = Command::new("bash");
    bash.args(["-c", "trap '' XFSZ; ulimit -S -f 64; exec \"$@\"", "bash"])
        .arg(program.get_program())
        .args(program.get_args())
        .env("STAMP_TEST_ROLE", "limited")
        .env("STAMP_TEST_PATH", folder.current())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped());
    let mut child = bash.spawn().expect("bash");
    children::wait_for(&mut child, "File too large");
    assert_eq!(
        fs::metadata(folder.current()).expect("it is there").len(),
        64 << 10
    );
    let lifted = Command::new("prlimit")
        .args(["--pid", &child.id().to_string(), "--fsize=unlimited:"])
        .status();
    assert!(lifted.expect("prlimit").success());
    let said = children::rest(&mut child);
    assert!(
        said.iter().any(|line| line.contains("written again")),
        "{said:?}"
    );
    assert!(child.wait().expect("it ends").success());
    assert_eq!(
        numbers(&read(&folder.current())),
        (0..1_000).collect::<Vec<_>>()
    );
}

pub(crate) fn second_opener_child() {
    let path = env::var("STAMP_TEST_PATH").expect("a path");
    match RollingFile::open(path) {
        Ok(_) => eprintln!("it is mine too"),
        Err(error) => eprintln!("{error}"),
    }
}

#[test]
fn a_closed_pipe_blocks_nobody_and_ends_in_time() {
    let (reader, pipe) = io::pipe().expect("a pipe");
    let told = Told::default();
    let (writer, guard) = told
        .listen(Background::new(pipe).with_capacity_bytes(64 << 10))
        .start()
        .expect("a thread");
    log(&writer, 0..10);
    writer.flush(PATIENCE).expect("somebody could read");
    drop(reader);
    log(&writer, 10..2_000);
    wait_until("it is told", || told.has("Broken pipe"));
    assert!(guard.shutdown(Duration::from_millis(10)).is_err());
    wait_until("all are counted", || {
        let stats = writer.stats();
        stats.written_lines() + stats.abandoned_lines() + stats.lost_lines() == 2_000
    });
    assert_eq!(writer.stats().written_lines(), 10);
}

#[test]
fn a_reader_that_stops_reading_blocks_neither_callers_nor_the_shutdown() {
    let (reader, pipe) = io::pipe().expect("a pipe");
    let (writer, guard) = Background::new(pipe)
        .with_capacity_bytes(128 << 10)
        .with_diagnostics(|_| ())
        .start()
        .expect("a thread");
    // A pipe takes 64 KiB; the rest waits, and then is lost.
    log(&writer, 0..3_000);
    assert!(writer.flush(Duration::from_millis(10)).is_err());
    assert!(guard.shutdown(Duration::from_millis(10)).is_err());
    let lost = writer.stats().lost_lines();
    assert!(lost > 0);
    // It reads on: what was accepted is there, in order. What the shutdown has given up is not.
    let mut written = String::new();
    let mut reader = BufReader::new(reader);
    while reader.read_line(&mut written).expect("text") > 0 {}
    let whole = written.rfind('\n').map_or("", |end| &written[..end]);
    let numbers = numbers(whole);
    assert!(numbers.is_sorted_by(|one, next| one < next));
    assert!(numbers.len() as u64 >= writer.stats().written_lines());
}

fn read_slowly(mut reader: PipeReader) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        let mut part = [0; 4_096];
        loop {
            match reader.read(&mut part).expect("a pipe") {
                0 => return String::from_utf8(text).expect("text"),
                bytes => text.extend_from_slice(&part[..bytes]),
            }
            thread::sleep(Duration::from_micros(200));
        }
    })
}

#[test]
fn a_pipe_that_would_block_loses_nothing_and_is_no_failure() {
    let (reader, pipe) = io::pipe().expect("a pipe");
    rustix::io::ioctl_fionbio(&pipe, true).expect("it can be set");
    let told = Told::default();
    let (writer, guard) = told
        .listen(Background::new(pipe).with_overflow(Overflow::Block { limit: PATIENCE }))
        .start()
        .expect("a thread");
    log(&writer, 0..3_000);
    let read = read_slowly(reader);
    guard.shutdown(PATIENCE).expect("it reads all");
    assert_eq!(
        numbers(&read.join().expect("no panic")),
        (0..3_000).collect::<Vec<_>>()
    );
    assert!(told.all().is_empty(), "{:?}", told.all());
    assert_eq!(writer.stats().write_errors(), 0);
}

/// W7: tracing-logstash and tracing-ecs over `non_blocking` tear most lines.
#[test]
fn lines_of_two_processes_on_one_pipe_are_whole() {
    let (reader, pipe) = io::pipe().expect("a pipe");
    let read = read_slowly(reader);
    thread::scope(|scope| {
        for process in 0..2 {
            let pipe = pipe.try_clone().expect("a pipe");
            scope.spawn(move || {
                let (writer, guard) = Background::new(pipe)
                    .with_block_bytes(4_096)
                    .with_overflow(Overflow::Block { limit: PATIENCE })
                    .start()
                    .expect("a thread");
                for number in 0..1_000 {
                    let text = "x".repeat(number % 200);
                    writeln!(
                        writer.make_writer(),
                        "{{\"number\":{number},\"process\":{process},\"text\":\"{text}\"}}"
                    )
                    .expect("it never fails");
                }
                guard.shutdown(PATIENCE).expect("it reads all");
            });
        }
    });
    drop(pipe);
    assert_eq!(numbers(&read.join().expect("no panic")).len(), 2_000);
}

#[cfg(feature = "gzip")]
#[test]
fn what_compressing_leaves_on_a_full_disk_is_removed_and_the_log_is_rotated_on() {
    let Some(disk) = Disk::mount("512k") else {
        return;
    };
    // Text that is hardly shorter when it is compressed: letters by a linear congruential generator (Knuth's MMIX).
    let mut random = 1_u64;
    let letter = |_| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + (random >> 59) as u8 % 26)
    };
    let mut text: String = (0..400_000).map(letter).collect();
    text.push('\n');
    let files = || super::files::files(&disk.path);
    let closed = disk.path.join("orders.20200101T000000.000000Z.jsonl");
    fs::write(&closed, &text).expect("there is room");
    let current = disk.path.join("orders.jsonl");
    let file = RollingFile::open(&current)
        .expect("it can be opened")
        .with_max_bytes(40_000)
        .with_gzip();
    let told = Told::default();
    let (writer, guard) = told
        .listen(Background::new(file))
        .start()
        .expect("a thread");
    let log = |length| {
        writeln!(writer.make_writer(), "{}", "x".repeat(length)).expect("it never fails");
        let _ = writer.flush(PATIENCE);
    };
    wait_until("compressing fails", || {
        log(1);
        told.has("could not be compressed")
    });
    assert_eq!(files(), [closed, current]);
    // The space that it took is there for lines, and the file is closed as ever.
    for _ in 0..3 {
        log(30_000);
    }
    wait_until("those are compressed that can be", || {
        let is_gz = |path: &PathBuf| path.extension().is_some_and(|end| end == "gz");
        files().iter().filter(|path| is_gz(path)).count() == 2
    });
    drop(guard);
    assert_eq!(writer.stats().lost_lines(), 0);
}
