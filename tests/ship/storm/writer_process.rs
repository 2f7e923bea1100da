//! Processes that write, and are started again for the rest of their lines when they were killed.

use super::own_writer::{FILES, MAX_BYTES};
use crate::processes::child;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

/// What one process has to write.
pub(super) struct Share {
    pub(super) writer: u8,
    /// How often the writer was started before.
    pub(super) incarnation: u64,
    pub(super) lines: u64,
    /// Lines a second.
    pub(super) rate: u64,
    /// A file with the number of lines that the process has written. It may be a little behind.
    pub(super) progress: PathBuf,
}

const NUMBERS: [&str; 4] = ["WRITER", "INCARNATION", "LINES", "RATE"];
const PROGRESS: &str = "PROGRESS";

impl Share {
    /// Returns the share that a process of this program was given.
    pub(super) fn from_env() -> Self {
        let text = |name: &str| env::var(name).expect("the variable is set");
        let number = |name: &str| text(name).parse().expect("it is a number");
        let [writer, incarnation, lines, rate] = NUMBERS.map(number);
        Self {
            writer: u8::try_from(writer).expect("it is small"),
            incarnation,
            lines,
            rate,
            progress: text(PROGRESS).into(),
        }
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let numbers = [self.writer.into(), self.incarnation, self.lines, self.rate];
        let numbers = NUMBERS.into_iter().zip(numbers.map(|n: u64| n.to_string()));
        let progress = (PROGRESS, self.progress.display().to_string());
        numbers.chain([progress]).collect()
    }

    pub(super) fn note_progress(&self, written: u64) {
        fs::write(&self.progress, written.to_string()).expect("the file is written");
    }
}

/// Sleeps if a process of this program has written faster than it should.
pub(super) fn pace(share: &Share, written: u64) {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    let begin = *BEGIN.get_or_init(Instant::now);
    let due = Duration::from_secs_f64(written as f64 / share.rate as f64);
    thread::sleep(due.saturating_sub(begin.elapsed()));
}

/// The program of a writer.
pub(super) enum Program {
    /// This crate, with these files by the number of their place. Files that grow larger are rotated.
    Own {
        files: Vec<(u8, PathBuf)>,
        max_bytes: Option<u64>,
    },
    /// A script, by its interpreter, and the folders to which it writes.
    Script {
        interpreter: &'static str,
        script: PathBuf,
        folders: Vec<(u8, PathBuf)>,
    },
}

pub(super) struct WriterProcess {
    program: Program,
    share: Share,
    process: Child,
    kills: u64,
}

impl WriterProcess {
    pub(super) fn start(program: Program, writer: u8, lines: u64, rate: u64, root: &Path) -> Self {
        let share = Share {
            writer,
            incarnation: 0,
            lines,
            rate,
            progress: root.join(format!("progress.{writer}")),
        };
        Self {
            process: program.start(&share),
            program,
            share,
            kills: 0,
        }
    }

    /// Kills the process, and starts it again unless it has ended.
    pub(super) fn kill(&mut self) {
        if self.is_done() {
            return;
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.kills += 1;
        let written = fs::read_to_string(&self.share.progress).unwrap_or_default();
        let written: u64 = written.trim().parse().unwrap_or(0);
        let _ = fs::remove_file(&self.share.progress);
        self.share.lines = self.share.lines.saturating_sub(written).max(1);
        self.share.incarnation += 1;
        self.process = self.program.start(&self.share);
    }

    pub(super) fn is_done(&mut self) -> bool {
        match self.process.try_wait().expect("the process is ours") {
            Some(status) => {
                assert!(status.success(), "writer {} fails", self.share.writer);
                true
            }
            None => false,
        }
    }

    pub(super) fn kills(&self) -> u64 {
        self.kills
    }
}

impl Drop for WriterProcess {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Program {
    fn start(&self, share: &Share) -> Child {
        let list = |files: &[(u8, PathBuf)]| -> Vec<String> {
            let pair = |(place, path): &(u8, PathBuf)| format!("{place}:{}", path.display());
            files.iter().map(pair).collect()
        };
        match self {
            Self::Own { files, max_bytes } => {
                let mut variables = share.variables();
                variables.push((FILES, list(files).join("\n")));
                variables.extend(max_bytes.map(|bytes| (MAX_BYTES, bytes.to_string())));
                child("storm", &variables)
            }
            Self::Script {
                interpreter,
                script,
                folders,
            } => Command::new(interpreter)
                .arg(script)
                .args([share.incarnation, share.lines, share.rate].map(|n| n.to_string()))
                .arg(&share.progress)
                .args(list(folders))
                .stdin(Stdio::null())
                .spawn()
                .expect("the interpreter is installed"),
        }
    }
}
