use std::{
    fmt, fs,
    io::{BufRead, BufReader},
    sync::{Arc, Barrier},
    thread,
    time::Instant,
};

use super::contender::{Contender, Running};
use crate::{process, workload};

/// The cost of threads that log as fast as they can.
pub struct Sample {
    /// Lines per second, until the last line is in the file.
    pub lines_per_second: f64,
    /// Events that have no line in the file.
    pub lost: f64,
    /// Lost events that the writer has not counted.
    pub uncounted: f64,
    pub cpu_ns_per_line: f64,
    pub switches_per_1000: f64,
}

pub fn run(contender: Contender, lines: usize, threads: usize) -> Sample {
    let path = std::env::temp_dir().join(format!("writers-{}.jsonl", std::process::id()));
    let running = contender.install(fs::File::create(&path).expect("a file"));
    let [start, logged, measured] = [(); 3].map(|()| Arc::new(Barrier::new(threads + 1)));
    let handles: Vec<_> = (0..threads)
        .map(|_| {
            let barriers = [&start, &logged, &measured].map(Arc::clone);
            thread::spawn(move || {
                workload::warm_up();
                workload::within(|| {
                    barriers[0].wait();
                    for _ in 0..lines / threads {
                        workload::event();
                    }
                    barriers[1].wait();
                    barriers[2].wait();
                });
            })
        })
        .collect();
    start.wait();
    let cpu = process::cpu_time();
    let begin = Instant::now();
    logged.wait();
    let switches = process::context_switches();
    let mut counted = 0;
    match running {
        Running::Stamp(writer, guard) => {
            drop(guard);
            counted = writer.stats().lost_lines() + writer.stats().abandoned_lines();
        }
        Running::Appender(guard) => drop(guard),
        Running::Direct => {}
    }
    let seconds = begin.elapsed().as_secs_f64();
    let cpu = process::cpu_time() - cpu;
    measured.wait();
    for handle in handles {
        handle.join().expect("no panic");
    }
    let written = BufReader::new(fs::File::open(&path).expect("the file"))
        .split(b'\n')
        .map(|line| line.expect("it can be read"))
        .filter(|line| line.windows(15).any(|part| part == b"handled request"))
        .count();
    fs::remove_file(&path).expect("it can be removed");
    let lost = (lines / threads * threads - written) as f64;
    Sample {
        lines_per_second: written as f64 / seconds,
        lost,
        uncounted: lost - counted as f64,
        cpu_ns_per_line: cpu.as_secs_f64() * 1e9 / written as f64,
        switches_per_1000: switches as f64 * 1e3 / written as f64,
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {} {} {}",
            self.lines_per_second,
            self.lost,
            self.uncounted,
            self.cpu_ns_per_line,
            self.switches_per_1000
        )
    }
}
