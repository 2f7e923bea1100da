//! Processes that are killed: one that writes numbered lines and goes on behind those that it finds written, and one that ships them.

use flate2::read::MultiGzDecoder;
use std::{
    env, fs,
    hash::{BuildHasher as _, RandomState},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use tracing_stamp::{
    ship::{Shipper, Target},
    writer::RollingFile,
};

const ROLE: &str = "STAMP_CHAOS_ROLE";

/// This program again, in a role.
fn child(role: &str, arguments: &[(&str, String)]) -> Child {
    Command::new(env::current_exe().expect("a program"))
        .args(["--exact", "chaos::in_a_role", "--ignored", "--nocapture"])
        .env(ROLE, role)
        .envs(arguments.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process")
}

#[test]
#[ignore = "a role that other tests start"]
fn in_a_role() {
    let text = |name: &str| env::var(name).unwrap_or_default();
    match env::var(ROLE).as_deref() {
        Ok("writer") => write(
            Path::new(&text("LOG")),
            text("LINES").parse().expect("a number"),
            &text("SERVICE"),
        ),
        Ok("ship") => ship(&text("TO"), Path::new(&text("LOG"))),
        _ => {}
    }
}

/// Writes what is not written yet of so many lines of a service.
fn write(log: &Path, lines: u64, service: &str) {
    let first = next_number(log);
    let mut file = RollingFile::open(log)
        .expect("it opens")
        .with_max_bytes(1 << 20)
        .with_gzip();
    for number in first..lines {
        let now = jiff::Timestamp::now();
        let line = format!(
            "{{\"timestamp\":\"{now:.6}\",\"level\":\"INFO\",\"message\":\"line\",\"service.name\":\"{service}\",\"trace_id\":\"{:032x}\",\"number\":{number}}}\n",
            number + 1
        );
        file.write_all(line.as_bytes()).expect("written");
        if number % 50 == 0 {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The files, in order, and the numbers of each.
fn files(log: &Path) -> impl DoubleEndedIterator<Item = (PathBuf, Vec<u64>)> {
    let is_closed = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("orders.2") && !name.ends_with(".tmp")
    };
    let entries = fs::read_dir(log.parent().expect("a folder"))
        .into_iter()
        .flatten()
        .flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(is_closed)
        .collect();
    files.sort();
    files.push(log.to_owned());
    files.into_iter().map(|path| {
        let numbers = numbers(&path);
        (path, numbers)
    })
}

fn numbers(path: &Path) -> Vec<u64> {
    let bytes = fs::read(path).unwrap_or_default();
    let mut text = Vec::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        let _ = MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text);
    } else {
        text = bytes;
    }
    let whole = text
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| line.ends_with(b"}\n"));
    let number =
        |line: &[u8]| serde_json::from_slice::<serde_json::Value>(line).ok()?["number"].as_u64();
    whole.filter_map(number).collect()
}

/// The first and the last number of each file.
pub(crate) fn ranges_by_file(log: &Path) -> Vec<(String, Option<u64>, Option<u64>)> {
    let range = |(path, numbers): (PathBuf, Vec<u64>)| {
        (
            path.display().to_string(),
            numbers.first().copied(),
            numbers.last().copied(),
        )
    };
    files(log).map(range).collect()
}

/// The number behind the last one that is on the disk.
fn next_number(log: &Path) -> u64 {
    let last = files(log)
        .rev()
        .find_map(|(_, numbers)| numbers.last().copied());
    last.map_or(0, |last| last + 1)
}

fn shipper(to: &str, log: &Path) -> Shipper {
    Shipper::new(Target::named(to).expect("right"))
        .with_files(log)
        .with_batch_bytes(128 << 10)
        .with_max_age(Duration::from_millis(50))
        .with_poll_interval(Duration::from_millis(100))
        .with_diagnostics(|_| ())
}

fn ship(to: &str, log: &Path) {
    let _shipping = shipper(to, log).start().expect("it starts");
    loop {
        thread::sleep(Duration::from_secs(60));
    }
}

/// A process that writes, started again when it was killed.
pub(crate) struct Writer {
    log: PathBuf,
    lines: u64,
    service: String,
    process: Child,
    kills: usize,
}

impl Writer {
    pub(crate) fn new(log: &Path, lines: u64, service: &str) -> Self {
        Self {
            log: log.to_owned(),
            lines,
            service: service.to_owned(),
            process: Self::start(log, lines, service),
            kills: 0,
        }
    }

    fn start(log: &Path, lines: u64, service: &str) -> Child {
        child(
            "writer",
            &[
                ("LOG", log.display().to_string()),
                ("LINES", lines.to_string()),
                ("SERVICE", service.to_owned()),
            ],
        )
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.process = Self::start(&self.log, self.lines, &self.service);
        self.kills += 1;
    }

    pub(crate) fn is_done(&mut self) -> bool {
        self.process.try_wait().is_ok_and(|ended| ended.is_some())
            && next_number(&self.log) == self.lines
    }

    pub(crate) fn kills(&self) -> usize {
        self.kills
    }
}

/// A process that ships, started again when it was killed.
pub(crate) struct Ship {
    to: String,
    log: PathBuf,
    process: Child,
    kills: usize,
}

impl Ship {
    pub(crate) fn new(to: &str, log: &Path) -> Self {
        Self {
            to: to.to_owned(),
            log: log.to_owned(),
            process: Self::start(to, log),
            kills: 0,
        }
    }

    fn start(to: &str, log: &Path) -> Child {
        child(
            "ship",
            &[("TO", to.to_owned()), ("LOG", log.display().to_string())],
        )
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.process = Self::start(&self.to, &self.log);
        self.kills += 1;
    }

    /// Kills it once more, and ships what is left.
    pub(crate) fn finish(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let report = shipper(&self.to, &self.log).run_once().expect("it ships");
        assert_eq!(
            (
                report.unshipped_bytes(),
                report.stats().rejected(),
                report.stats().lost_bytes()
            ),
            (0, 0, 0)
        );
    }

    pub(crate) fn kills(&self) -> usize {
        self.kills
    }
}

impl Drop for Ship {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Numbers that nobody foresees.
#[derive(Default)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Below a limit.
    pub(crate) fn up_to(&mut self, limit: u64) -> u64 {
        self.0 += 1;
        RandomState::new().hash_one(self.0) % limit
    }
}
