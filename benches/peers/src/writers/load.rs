//! The load of the machine during a run: none, or threads of this process that take all the processor time that they get, while its children
//! are measured.

use std::{
    fmt, fs,
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

pub struct Load {
    threads: Vec<JoinHandle<()>>,
    end: Arc<AtomicBool>,
    /// What else ran on the machine in the minute before, as Linux reports it.
    before: String,
}

impl Load {
    pub fn start(busy: usize) -> Self {
        let before = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let before = before.split(' ').next().unwrap_or_default().to_owned();
        let end = Arc::new(AtomicBool::new(false));
        let threads = (0..busy)
            .map(|_| {
                let end = Arc::clone(&end);
                thread::spawn(move || {
                    let mut number = 1_u64;
                    while !end.load(Ordering::Relaxed) {
                        number = black_box(number.wrapping_mul(6_364_136_223_846_793_005));
                    }
                })
            })
            .collect();
        Self {
            threads,
            end,
            before,
        }
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores = thread::available_parallelism().map_or(0, usize::from);
        write!(f, "{cores} cores, ")?;
        match self.threads.len() {
            0 => write!(f, "no busy threads")?,
            busy => write!(f, "{busy} busy threads beside the measured process")?,
        }
        write!(f, ", load average before the run {}", self.before)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().expect("no panic");
        }
    }
}
