//! Random operations on log files, shippers and a server, and a small model that decides which lines must be found.
//!
//! Every complete line is found, unless its file is removed before it was shipped: such bytes are counted exactly. A line with its own id is
//! stored once. A line of another logger is too, except in these cases:
//!
//! - It is text without times, and its file was copied or compressed before 1 KiB of it was confirmed.
//! - It is text without times, and further lines of the file were shipped after it was copied, and before it was emptied.
//! - The shipper saw the file and its copy for the first time at once.
//!
//! `TRACESHIP_MODEL_STEPS` sets the number of operations, and `TRACESHIP_MODEL_SEED` the first seed. `TRACESHIP_MODEL_KEEP` names a folder
//! for the files of failed runs. A seed decides the operations, but not when the shipper looks at the files, so a failure may need some runs.

#![allow(
    clippy::print_stderr,
    reason = "the seeds are needed to repeat a failure"
)]

#[path = "support/elasticsearch.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod elasticsearch;
#[path = "support/files.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod files;
#[path = "support/lines.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod lines;
#[path = "model/log.rs"]
mod log;
#[path = "support/loki.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod loki;
#[path = "model/losses.rs"]
mod losses;
#[path = "model/random.rs"]
mod random;
#[path = "support/server.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod server;
#[path = "support/stand.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod stand;
#[path = "model/world.rs"]
mod world;

use std::{
    env,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};
use world::World;

/// How many operations one folder has.
const STEPS: u64 = 50;
/// How many folders are in use at the same time. Most of the time is spent waiting.
const THREADS: usize = 6;
/// Seeds that have failed once.
const REGRESSIONS: [u64; 10] = [
    9,
    20_002,
    20_006,
    20_050,
    20_097,
    20_236,
    200_439,
    200_568,
    200_733,
    1_796_034_496,
];

#[test]
fn every_line_is_found_and_repeated_only_where_that_is_documented() {
    let steps = from_environment("TRACESHIP_MODEL_STEPS").unwrap_or(300);
    let first = from_environment("TRACESHIP_MODEL_SEED").unwrap_or_else(now);
    let runs = steps.div_ceil(STEPS);
    eprintln!("seeds {first} to {}", first + runs - 1);
    let seeds: Vec<u64> = REGRESSIONS.into_iter().chain(first..first + runs).collect();
    let (next, failures) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(seed) =
                    seeds.get(usize::try_from(next.fetch_add(1, Relaxed)).expect("it is small"))
                {
                    if let Err(why) = run(*seed) {
                        eprintln!("seed {seed}: {why}");
                        failures.lock().expect("no thread has panicked").push(*seed);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no thread has panicked");
    assert!(
        failures.is_empty(),
        "{} of {runs} runs failed, with the seeds {failures:?}",
        failures.len()
    );
}

fn run(seed: u64) -> Result<(), String> {
    let mut world = World::new(seed);
    for _ in 0..STEPS {
        world.step()?;
    }
    world.end()
}

fn from_environment(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}
