//! Disks that are full, pipes that are closed or full, readers that stop.

use super::{
    PATIENCE, children,
    diagnoses::Diagnoses,
    files::{Folder, read},
    logging, wait_until,
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
fn a_full_disk_is_reported_once_and_waiting_lines_are_counted_at_the_shutdown() {
    let full = File::options()
        .write(true)
        .open("/dev/full")
        .expect("the device can be opened");
    let diagnoses = Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(full))
        .start()
        .expect("the thread starts");
    log(&writer, 0..100);
    wait_until("the write is tried again", || {
        writer.stats().write_errors() > 2
    });
    assert!(writer.flush(Duration::from_millis(10)).is_err());
    let error = guard
        .shutdown(Duration::from_millis(10))
        .expect_err("the disk is full");
    assert!(error.to_string().contains("given up"), "{error}");
    wait_until("the lines are given up", || {
        writer.stats().abandoned_lines() == 100
    });
    assert!(writer.flush(PATIENCE).is_err(), "the lines are not written");
    let stats = writer.stats();
    assert_eq!((stats.accepted_lines(), stats.written_lines()), (100, 0));
    wait_until("both diagnoses are reported", || diagnoses.all().len() == 2);
    assert!(
        diagnoses.has("No space left on device"),
        "{:?}",
        diagnoses.all()
    );
    assert!(
        diagnoses.has("100 log lines were not written"),
        "{:?}",
        diagnoses.all()
    );
}

/// A small file system that is unmounted on drop.
struct Disk {
    path: PathBuf,
    /// The folder in which it is mounted.
    _folder: Folder,
}

impl Disk {
    /// Mounts a file system. Returns `None` if the user may not mount.
    fn mount(size: &str) -> Option<Self> {
        let folder = Folder::new();
        let path = folder.path().join("disk");
        fs::create_dir(&path).expect("the folder can be used");
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
        // If the test has failed, its own message matters.
        if !thread::panicking() {
            assert!(unmounted.expect("umount runs").success());
        }
    }
}

#[test]
fn removing_the_file_on_a_full_disk_makes_room_and_no_line_is_split() {
    let Some(disk) = Disk::mount("64k") else {
        return;
    };
    let path = disk.path.join("orders.jsonl");
    let file = RollingFile::open(&path).expect("the file can be opened");
    let diagnoses = Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(file))
        .start()
        .expect("the thread starts");
    log(&writer, 0..700);
    wait_until("the disk is full", || {
        diagnoses.has("No space left on device")
    });
    fs::remove_file(&path).expect("the file exists");
    writer.flush(PATIENCE).expect("the disk has room");
    guard.shutdown(PATIENCE).expect("the disk has room");
    let text = read(&path);
    let numbers = numbers(&text);
    let first = numbers[0];
    assert!(first > 0, "the first lines were removed");
    assert_eq!(numbers, (first..700).collect::<Vec<_>>());
}

#[test]
fn a_file_with_an_incomplete_line_can_be_opened_on_a_full_disk() {
    let Some(disk) = Disk::mount("64k") else {
        return;
    };
    let path = disk.path.join("orders.jsonl");
    drop(RollingFile::open(&path).expect("the disk has room"));
    fs::write(&path, vec![b'x'; 200_000]).expect_err("the disk has no room");
    let opened = RollingFile::open(&path).map(drop);
    opened.expect("the line can be ended later");
}

#[test]
fn writing_resumes_at_the_byte_when_a_full_disk_has_room_again() {
    let Some(disk) = Disk::mount("256k") else {
        return;
    };
    let ballast = disk.path.join("ballast");
    fs::write(&ballast, vec![0; 150 << 10]).expect("the disk has room");
    let file = RollingFile::open(disk.path.join("orders.jsonl")).expect("the file can be opened");
    let diagnoses = Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(file))
        .start()
        .expect("the thread starts");
    // The lines do not fit beside the ballast of 150 KiB, and fit without it.
    log(&writer, 0..1_500);
    wait_until("the full disk is reported", || {
        diagnoses.has("No space left on device")
    });
    fs::remove_file(&ballast).expect("the file exists");
    writer.flush(PATIENCE).expect("the disk has room");
    log(&writer, 1_500..1_510);
    guard.shutdown(PATIENCE).expect("the disk has room");
    let written = numbers(&read(&disk.path.join("orders.jsonl")));
    assert_eq!(written, (0..1_510).collect::<Vec<_>>());
    assert!(diagnoses.has("written again"), "{:?}", diagnoses.all());
    assert_eq!(
        writer.stats().lost_lines() + writer.stats().abandoned_lines(),
        0
    );
}

/// Writes until its file may not grow any more, and continues when it may.
pub(crate) fn limited_child() {
    let path = env::var("STAMP_TEST_PATH").expect("the path is set");
    let file = RollingFile::open(path).expect("the file can be opened");
    let (writer, guard) = Background::new(file)
        .with_diagnostics(|diagnosis| eprintln!("{diagnosis}"))
        .start()
        .expect("the thread starts");
    log(&writer, 0..1_000);
    writer.flush(PATIENCE).expect("the limit is lifted");
    guard.shutdown(PATIENCE).expect("there is no limit");
}

#[test]
fn writing_resumes_when_a_file_may_grow_again() {
    let folder = Folder::new();
    // bash sets the limit in kilobytes, and a program that it runs inherits the ignored signal.
    let program = children::command("limited");
    let mut bash = Command::new("bash");
    bash.args(["-c", "trap '' XFSZ; ulimit -S -f 64; exec \"$@\"", "bash"])
        .arg(program.get_program())
        .args(program.get_args())
        .env("STAMP_TEST_ROLE", "limited")
        .env("STAMP_TEST_PATH", folder.current())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped());
    let mut child = bash.spawn().expect("bash starts");
    children::wait_for(&mut child, "File too large");
    assert_eq!(
        fs::metadata(folder.current())
            .expect("the file exists")
            .len(),
        64 << 10
    );
    let lifted = Command::new("prlimit")
        .args(["--pid", &child.id().to_string(), "--fsize=unlimited:"])
        .status();
    assert!(lifted.expect("prlimit runs").success());
    let printed = children::rest(&mut child);
    assert!(
        printed.iter().any(|line| line.contains("written again")),
        "{printed:?}"
    );
    assert!(child.wait().expect("the child ends").success());
    assert_eq!(
        numbers(&read(&folder.current())),
        (0..1_000).collect::<Vec<_>>()
    );
}

pub(crate) fn second_opener_child() {
    let path = env::var("STAMP_TEST_PATH").expect("the path is set");
    match RollingFile::open(path) {
        Ok(_) => eprintln!("the second writer has opened the file"),
        Err(error) => eprintln!("{error}"),
    }
}

#[test]
fn a_closed_pipe_blocks_no_thread_and_the_shutdown_ends_in_time() {
    let (reader, pipe) = io::pipe().expect("a pipe can be created");
    let diagnoses = Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(pipe).with_capacity_bytes(64 << 10))
        .start()
        .expect("the thread starts");
    log(&writer, 0..10);
    writer.flush(PATIENCE).expect("the pipe has a reader");
    drop(reader);
    log(&writer, 10..2_000);
    wait_until("the closed pipe is reported", || {
        diagnoses.has("Broken pipe")
    });
    assert!(guard.shutdown(Duration::from_millis(10)).is_err());
    wait_until("all lines are counted", || {
        let stats = writer.stats();
        stats.written_lines() + stats.abandoned_lines() + stats.lost_lines() == 2_000
    });
    assert_eq!(writer.stats().written_lines(), 10);
}

#[test]
fn a_reader_that_stops_reading_blocks_neither_callers_nor_the_shutdown() {
    let (reader, pipe) = io::pipe().expect("a pipe can be created");
    let (writer, guard) = Background::new(pipe)
        .with_capacity_bytes(128 << 10)
        .with_diagnostics(|_| ())
        .start()
        .expect("the thread starts");
    // A pipe holds 64 KiB. The other lines wait until the buffer is full, and further ones are lost.
    log(&writer, 0..3_000);
    assert!(writer.flush(Duration::from_millis(10)).is_err());
    assert!(guard.shutdown(Duration::from_millis(10)).is_err());
    let lost = writer.stats().lost_lines();
    assert!(lost > 0);
    // The reader continues. It gets the lines that were written, in order, and not those that the shutdown has given up.
    let mut written = String::new();
    let mut reader = BufReader::new(reader);
    while reader.read_line(&mut written).expect("valid UTF-8") > 0 {}
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
            match reader.read(&mut part).expect("a pipe can be created") {
                0 => return String::from_utf8(text).expect("valid UTF-8"),
                bytes => text.extend_from_slice(&part[..bytes]),
            }
            thread::sleep(Duration::from_micros(200));
        }
    })
}

#[test]
fn a_non_blocking_pipe_loses_no_line_and_counts_no_error() {
    let (reader, pipe) = io::pipe().expect("a pipe can be created");
    rustix::io::ioctl_fionbio(&pipe, true).expect("the pipe can be made non-blocking");
    let diagnoses = Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(pipe).with_overflow(Overflow::Block { limit: PATIENCE }))
        .start()
        .expect("the thread starts");
    log(&writer, 0..3_000);
    let read = read_slowly(reader);
    guard
        .shutdown(PATIENCE)
        .expect("the reader reads everything");
    assert_eq!(
        numbers(&read.join().expect("no thread panics")),
        (0..3_000).collect::<Vec<_>>()
    );
    assert!(diagnoses.all().is_empty(), "{:?}", diagnoses.all());
    assert_eq!(writer.stats().write_errors(), 0);
}

/// With tracing-logstash and tracing-ecs over `non_blocking`, most lines are torn.
#[test]
fn lines_of_two_processes_on_one_pipe_are_whole() {
    let (reader, pipe) = io::pipe().expect("a pipe can be created");
    let read = read_slowly(reader);
    thread::scope(|scope| {
        for process in 0..2 {
            let pipe = pipe.try_clone().expect("a pipe can be created");
            scope.spawn(move || {
                let (writer, guard) = Background::new(pipe)
                    .with_block_bytes(4_096)
                    .with_overflow(Overflow::Block { limit: PATIENCE })
                    .start()
                    .expect("the thread starts");
                for number in 0..1_000 {
                    let text = "x".repeat(number % 200);
                    writeln!(
                        writer.make_writer(),
                        "{{\"number\":{number},\"process\":{process},\"text\":\"{text}\"}}"
                    )
                    .expect("writing to the queue never fails");
                }
                guard
                    .shutdown(PATIENCE)
                    .expect("the reader reads everything");
            });
        }
    });
    drop(pipe);
    assert_eq!(
        numbers(&read.join().expect("no thread panics")).len(),
        2_000
    );
}

#[cfg(feature = "gzip")]
#[test]
fn on_a_full_disk_an_unfinished_compressed_file_is_removed_and_rotation_continues() {
    let Some(disk) = Disk::mount("512k") else {
        return;
    };
    // Text that hardly shrinks when it is compressed: letters by a linear congruential generator (Knuth's MMIX).
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
    fs::write(&closed, &text).expect("the disk has room");
    let current = disk.path.join("orders.jsonl");
    let file = RollingFile::open(&current)
        .expect("the file can be opened")
        .with_max_bytes(40_000)
        .with_gzip();
    let diagnoses = Diagnoses::default();
    let (writer, guard) = diagnoses
        .collect_from(Background::new(file))
        .start()
        .expect("the thread starts");
    let log = |length| {
        writeln!(writer.make_writer(), "{}", "x".repeat(length))
            .expect("writing to the queue never fails");
        let _ = writer.flush(PATIENCE);
    };
    wait_until("compressing fails", || {
        log(1);
        diagnoses.has("could not be compressed")
    });
    assert_eq!(files(), [closed, current]);
    // The space of the unfinished file is available for lines, and rotation continues.
    for _ in 0..3 {
        log(30_000);
    }
    wait_until("the files that can be compressed are compressed", || {
        let is_gz = |path: &PathBuf| path.extension().is_some_and(|end| end == "gz");
        files().iter().filter(|path| is_gz(path)).count() == 2
    });
    drop(guard);
    assert_eq!(writer.stats().lost_lines(), 0);
}
