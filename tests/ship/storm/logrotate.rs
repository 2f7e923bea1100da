//! The real `logrotate`, which rotates each place in its own mode.

use super::place::{Place, ROTATED};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// `rotate`: so many rotated files are kept that none is removed.
const KEPT: u64 = 1_000;

/// Returns why `logrotate` cannot run.
pub(super) fn missing_programs() -> Option<String> {
    let is_missing = |program: &&str| {
        let output = Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        output.is_err()
    };
    let missing: Vec<&str> = ["logrotate", "python3", "gzip"]
        .into_iter()
        .filter(is_missing)
        .collect();
    (!missing.is_empty()).then(|| format!("{} is not installed", missing.join(", ")))
}

/// A thread that rotates one place after the other.
pub(super) struct Rotation {
    is_stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    counts: Arc<Mutex<Counts>>,
}

/// How often each place was rotated.
pub(super) type Counts = BTreeMap<&'static str, u64>;

impl Rotation {
    pub(super) fn start(root: &Path, pause: Duration) -> Self {
        let (is_stopped, counts) = (
            Arc::<AtomicBool>::default(),
            Arc::<Mutex<Counts>>::default(),
        );
        for place in &ROTATED {
            fs::write(configuration(root, place), text(root, place)).expect("it is written");
        }
        let (of_thread, root, own_counts) = (
            Arc::clone(&is_stopped),
            root.to_owned(),
            Arc::clone(&counts),
        );
        let thread = thread::spawn(move || {
            for (turn, place) in ROTATED.iter().cycle().enumerate() {
                if of_thread.load(SeqCst) {
                    return;
                }
                if place.grows() && !turn.is_multiple_of(4) {
                    continue;
                }
                rotate(&root, place);
                let mut counts = own_counts.lock().expect("no thread has panicked");
                *counts.entry(place.name).or_insert(0) += 1;
                drop(counts);
                thread::sleep(pause);
            }
        });
        Self {
            is_stopped,
            thread: Some(thread),
            counts,
        }
    }

    /// Stops rotating. Returns how often each place was rotated.
    pub(super) fn stop(&mut self) -> Counts {
        self.is_stopped.store(true, SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("rotating succeeds");
        }
        let counts = self.counts.lock().expect("no thread has panicked").clone();
        assert!(
            counts.values().all(|count| *count < KEPT),
            "logrotate has removed files"
        );
        counts
    }
}

fn configuration(root: &Path, place: &Place) -> PathBuf {
    root.join(format!("{}.conf", place.name))
}

fn text(root: &Path, place: &Place) -> String {
    let (folder, directives) = (place.folder(root), place.directives);
    let folder = folder.display();
    format!(
        "\"{folder}/*.log\" \"{folder}/*.jsonl\" {{\nmissingok\nrotate {KEPT}\n{directives}\n}}\n"
    )
}

fn rotate(root: &Path, place: &Place) {
    let output = Command::new("logrotate")
        .arg("--force")
        .arg("--state")
        .arg(root.join(format!("{}.state", place.name)))
        .arg(configuration(root, place))
        .output()
        .expect("logrotate is installed");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", place.name);
}
