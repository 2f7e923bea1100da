//! Container runtimes: Docker's `json-file` driver, and a CRI runtime whose files the kubelet rotates and compresses. Threads play them, as
//! the runtime is not killed with its containers.

use super::place::{DOCKER, PODS};
use crate::files::gzipped;
use jiff::Timestamp;
use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Longer lines are written in parts.
const PART: usize = 16 << 10;
/// One line in this many is longer.
const LONG: u64 = 400;

#[derive(Clone, Copy)]
enum Runtime {
    Docker,
    Cri,
}

/// The log of a container.
struct Container {
    runtime: Runtime,
    writer: u8,
    log: PathBuf,
    file: File,
    /// How often the log was rotated.
    rotations: u64,
    /// The rotated log that is not compressed yet.
    last_rotated: Option<PathBuf>,
}

/// How much a container writes.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) lines: u64,
    pub(super) rate: u64,
    pub(super) rotations: u64,
}

/// The files to ship: a pattern for each runtime.
pub(super) fn patterns(root: &Path) -> [PathBuf; 2] {
    [
        DOCKER.folder(root).join("*/*-json.log"),
        root.join("containers/*.log"),
    ]
}

/// Starts two containers of each runtime. Each thread returns how often it has rotated its log.
pub(super) fn start(root: &Path, load: Load) -> Vec<JoinHandle<(&'static str, u64)>> {
    let links = root.join("containers");
    fs::create_dir_all(&links).expect("the folder is created");
    let docker = [(30, "9f0b"), (31, "77aa")].map(|(writer, id)| {
        let folder = DOCKER.folder(root).join(id);
        Container::new(Runtime::Docker, writer, &folder, &format!("{id}-json.log"))
    });
    let pods = [(40, "web-0"), (41, "cart-1")].map(|(writer, pod)| {
        let folder = PODS.folder(root).join(format!("shop_{pod}_0b1c/app"));
        let container = Container::new(Runtime::Cri, writer, &folder, "0.log");
        let link = links.join(format!("{pod}_shop_app-{writer}cafe.log"));
        symlink(&container.log, link).expect("the link is created");
        container
    });
    docker
        .into_iter()
        .chain(pods)
        .map(|container| thread::spawn(move || container.run(load)))
        .collect()
}

impl Container {
    fn new(runtime: Runtime, writer: u8, folder: &Path, name: &str) -> Self {
        fs::create_dir_all(folder).expect("the folder is created");
        let log = folder.join(name);
        Self {
            runtime,
            writer,
            file: created(&log),
            log,
            rotations: 0,
            last_rotated: None,
        }
    }

    fn run(mut self, load: Load) -> (&'static str, u64) {
        let begin = Instant::now();
        let each = (load.lines / load.rotations).max(1);
        for number in 0..load.lines {
            self.write(&self.message(number));
            if number % each == each - 1 {
                match self.runtime {
                    Runtime::Docker => self.rotate_as_docker(),
                    Runtime::Cri => self.rotate_as_kubelet(number),
                }
            }
            if number.is_multiple_of(16) {
                let due = Duration::from_secs_f64(number as f64 / load.rate as f64);
                thread::sleep(due.saturating_sub(begin.elapsed()));
            }
        }
        (self.place().1, self.rotations)
    }

    fn place(&self) -> (u8, &'static str) {
        let place = match self.runtime {
            Runtime::Docker => DOCKER,
            Runtime::Cri => PODS,
        };
        (place.number, place.name)
    }

    /// Returns what the container prints: JSON, text, and sometimes long text that ends with its key.
    fn message(&self, number: u64) -> String {
        let key = format!("{}.{}.0.{number}", self.writer, self.place().0);
        match number {
            _ if number % LONG == LONG - 1 => {
                let filling = "x".repeat(2 * PART + 100);
                format!("n={key}; long {filling} end={key};")
            }
            _ if number.is_multiple_of(2) => {
                let now = Timestamp::now();
                format!(
                    "{{\"time\":\"{now:.3}\",\"level\":\"info\",\"msg\":\"n={key}; served a request\"}}"
                )
            }
            _ => format!("served a request n={key};"),
        }
    }

    fn write(&mut self, message: &str) {
        let parts = message.as_bytes().chunks(PART).count();
        for (at, part) in message.as_bytes().chunks(PART).enumerate() {
            let part = std::str::from_utf8(part).expect("the message is ASCII");
            let now = Timestamp::now();
            let is_last = at + 1 == parts;
            let line = match self.runtime {
                Runtime::Docker => {
                    let end = if is_last { "\n" } else { "" };
                    let log = serde_json::Value::from(format!("{part}{end}"));
                    format!("{{\"log\":{log},\"stream\":\"stdout\",\"time\":\"{now:.9}\"}}\n")
                }
                Runtime::Cri => {
                    let tag = if is_last { "F" } else { "P" };
                    format!("{now:.9} stdout {tag} {part}\n")
                }
            };
            self.file
                .write_all(line.as_bytes())
                .expect("the line is written");
        }
    }

    /// Renames the log to `.1`, and all older ones to the next number.
    fn rotate_as_docker(&mut self) {
        let numbered = |number: u64| PathBuf::from(format!("{}.{number}", self.log.display()));
        for number in (1..=self.rotations).rev() {
            fs::rename(numbered(number), numbered(number + 1)).expect("the file is renamed");
        }
        fs::rename(&self.log, numbered(1)).expect("the file is renamed");
        self.file = created(&self.log);
        self.rotations += 1;
    }

    /// Compresses the log that was rotated before, renames the present one, and begins a new one.
    fn rotate_as_kubelet(&mut self, number: u64) {
        if let Some(rotated) = self.last_rotated.take() {
            let text = fs::read(&rotated).expect("the file exists");
            let temporary = format!("{}.tmp", rotated.display());
            let compressed = format!("{}.gz", rotated.display());
            fs::write(&temporary, gzipped(&text)).expect("it is written");
            fs::rename(temporary, compressed).expect("the file is renamed");
            fs::remove_file(rotated).expect("the file is removed");
        }
        let now = Timestamp::now().strftime("%Y%m%d-%H%M%S");
        let rotated = format!("{}.{now}", self.log.display());
        if Path::new(&rotated).exists() {
            // The time has only seconds.
            return;
        }
        fs::rename(&self.log, &rotated).expect("the file is renamed");
        // The runtime still has the old file, until the kubelet tells it to open the new one.
        let key = format!("{}.{}.1.{number}", self.writer, self.place().0);
        self.write(&format!("the last line n={key}; of this file"));
        self.file = created(&self.log);
        self.last_rotated = Some(rotated.into());
        self.rotations += 1;
    }
}

fn created(path: &Path) -> File {
    let file = File::options().create(true).append(true).open(path);
    file.expect("the file opens")
}
