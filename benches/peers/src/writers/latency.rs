use std::{
    fmt,
    time::{Duration, Instant},
};

use super::{contender::Contender, slow::Slow};
use crate::workload;

/// The time that logging one event took on the thread that logs, in nanoseconds.
pub struct Sample {
    pub p50: f64,
    pub p99: f64,
    pub p9999: f64,
}

/// Logs an event every 20 µs on one thread.
pub fn run(contender: Contender, events: usize) -> Sample {
    let _running = contender.install(Slow);
    let mut times = Vec::with_capacity(events);
    workload::warm_up();
    workload::within(|| {
        for _ in 0..events {
            let begin = Instant::now();
            workload::event();
            times.push(begin.elapsed());
            while begin.elapsed() < Duration::from_micros(20) {
                std::hint::spin_loop();
            }
        }
    });
    times.sort_unstable();
    let quantile = |of_10_000: usize| times[(events - 1) * of_10_000 / 10_000].as_nanos() as f64;
    Sample {
        p50: quantile(5_000),
        p99: quantile(9_900),
        p9999: quantile(9_999),
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.p50, self.p99, self.p9999)
    }
}
