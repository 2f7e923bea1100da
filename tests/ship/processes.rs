//! Processes that the chaos tests kill: one writes numbered lines, and resumes after the last line on the disk; the other ships them.

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

/// Starts this test program again, in a role.
pub(crate) fn child(role: &str, arguments: &[(&str, String)]) -> Child {
    Command::new(env::current_exe().expect("the path of this program is known"))
        .args([
            "--exact",
            "processes::in_a_role",
            "--ignored",
            "--nocapture",
        ])
        .env(ROLE, role)
        .envs(arguments.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the process starts")
}

#[test]
#[ignore = "other tests start this as a process"]
fn in_a_role() {
    let text = |name: &str| env::var(name).unwrap_or_default();
    match env::var(ROLE).as_deref() {
        Ok("writer") => write(
            Path::new(&text("LOG")),
            text("LINES").parse().expect("it is a number"),
            &text("SERVICE"),
        ),
        #[cfg(unix)]
        Ok("storm") => super::storm::own_writer::write_from_env(),
        Ok("ship") => ship(&text("TO"), Path::new(&text("LOG"))),
        _ => {}
    }
}

/// Writes the lines up to the number `lines` that are not on the disk yet.
fn write(log: &Path, lines: u64, service: &str) {
    let first = next_number(log);
    let mut file = RollingFile::open(log)
        .expect("the file opens")
        .with_max_bytes(1 << 20)
        .with_gzip();
    for number in first..lines {
        let now = jiff::Timestamp::now();
        let line = format!(
            "{{\"timestamp\":\"{now:.6}\",\"level\":\"INFO\",\"message\":\"line\",\"service.name\":\"{service}\",\"trace_id\":\"{:032x}\",\"log.record.uid\":\"01M8NF{number:020}\",\"number\":{number}}}\n",
            number + 1
        );
        file.write_all(line.as_bytes())
            .expect("the file is written");
        if number % 50 == 0 {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Returns the log files in the order of writing, and the numbers of the lines in each.
fn files(log: &Path) -> impl DoubleEndedIterator<Item = (PathBuf, Vec<u64>)> {
    let is_rotated = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("orders.2") && !name.ends_with(".tmp")
    };
    let entries = fs::read_dir(log.parent().expect("the folder exists"))
        .into_iter()
        .flatten()
        .flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(is_rotated)
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
    let complete_lines = text
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| line.ends_with(b"}\n"));
    let number =
        |line: &[u8]| serde_json::from_slice::<serde_json::Value>(line).ok()?["number"].as_u64();
    complete_lines.filter_map(number).collect()
}

/// Returns the first and the last number of each file.
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

/// Returns the number after the last one on the disk.
fn next_number(log: &Path) -> u64 {
    let last = files(log)
        .rev()
        .find_map(|(_, numbers)| numbers.last().copied());
    last.map_or(0, |last| last + 1)
}

fn shipper(to: &str, log: &Path) -> Shipper {
    Shipper::new(Target::named(to).expect("the setting is valid"))
        .with_files(log)
        .with_batch_bytes(128 << 10)
        .with_max_age(Duration::from_millis(50))
        .with_poll_interval(Duration::from_millis(100))
        .with_diagnostics(|_| ())
}

fn ship(to: &str, log: &Path) {
    let _shipping = shipper(to, log).start().expect("the shipper starts");
    loop {
        thread::sleep(Duration::from_secs(60));
    }
}

/// A process that writes lines. It is started again after each kill.
pub(crate) struct WriterProcess {
    log: PathBuf,
    lines: u64,
    service: String,
    process: Child,
    kills: usize,
}

impl WriterProcess {
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

/// A process that ships lines. It is started again after each kill.
pub(crate) struct ShipperProcess {
    to: String,
    log: PathBuf,
    process: Child,
    kills: usize,
}

impl ShipperProcess {
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

    /// Kills the process a last time, and ships the rest in this process.
    pub(crate) fn finish(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let report = shipper(&self.to, &self.log)
            .run_once()
            .expect("shipping succeeds");
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

impl Drop for ShipperProcess {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Random numbers.
#[derive(Default)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Returns a number below a limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 += 1;
        RandomState::new().hash_one(self.0) % limit
    }
}
