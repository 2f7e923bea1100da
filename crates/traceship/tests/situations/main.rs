//! Situations in which a shipper could lose, repeat or hold up lines. Each test has the name of the sentence that holds.
//!
//! Lines of this project bring their own ids, so they are stored exactly once. Lines of others may be repeated in a few documented cases.

mod compressed;
mod damage;
mod discovery;
mod identity;
mod labels;
mod limits;
mod losses;
mod order;
#[cfg(feature = "redact")]
mod redaction;
#[cfg(feature = "redact")]
mod redaction_cases;
mod refusals;
mod repeats;
mod wrapped;

#[path = "../support/diagnoses.rs"]
mod diagnoses;
#[path = "../support/elasticsearch.rs"]
mod elasticsearch;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/files.rs"]
mod files;
#[path = "../support/lines.rs"]
mod lines;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/loki.rs"]
mod loki;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/server.rs"]
mod server;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../support/stand.rs"]
mod stand;
#[cfg(feature = "redact")]
#[path = "../support/wire.rs"]
mod wire;

use diagnoses::Diagnoses;
use stand::Stand;
use std::{
    ops::Range,
    path::Path,
    thread,
    time::{Duration, Instant},
};
use traceship::{Report, Shipper, Shipping, Target};

/// The longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// The time of several looks at the files.
const LOOKS: Duration = Duration::from_millis(250);

/// Returns a shipper that sends lines soon and reports nothing.
fn shipper(stand: &Stand, files: &Path) -> Shipper {
    shipper_to(stand.target(), files)
}

fn shipper_to(target: Target, files: &Path) -> Shipper {
    Shipper::new(target)
        .with_files(files)
        .with_max_age(Duration::from_millis(5))
        .with_poll_interval(Duration::from_millis(20))
        .with_diagnostics(|_| ())
}

fn start(stand: &Stand, files: &Path) -> Shipping {
    shipper(stand, files).start().expect("the shipper starts")
}

fn run_once(stand: &Stand, files: &Path) -> Report {
    shipper(stand, files).run_once().expect("shipping succeeds")
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until this many lines are stored.
fn wait_for(stand: &Stand, lines: usize) {
    let begin = Instant::now();
    while stand.stored().len() < lines {
        let (found, name) = (stand.stored().len(), stand.name());
        assert!(
            begin.elapsed() < PATIENCE,
            "{found} of {lines} lines in {name}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// Asserts that each of these lines is stored exactly once.
fn assert_once(stand: &Stand, numbers: Range<u64>) {
    let (missing, repeats) = difference(stand, &numbers);
    let name = stand.name();
    assert!(
        missing.is_empty() && repeats == 0,
        "{name}: {repeats} repeats, {} of {numbers:?} are missing, the first of them {:?}",
        missing.len(),
        missing.first()
    );
}

/// Asserts that each of these lines is stored, some of them maybe several times, but no more than this number of repeats.
fn assert_all(stand: &Stand, numbers: Range<u64>, most_repeats: usize) {
    let (missing, repeats) = difference(stand, &numbers);
    let name = stand.name();
    assert!(
        missing.is_empty() && repeats <= most_repeats,
        "{name}: {repeats} repeats, {} of {numbers:?} are missing, the first of them {:?}",
        missing.len(),
        missing.first()
    );
}

/// Returns which lines are missing, and how many are stored beyond their first time.
fn difference(stand: &Stand, numbers: &Range<u64>) -> (Vec<u64>, usize) {
    let mut found = stand.numbers();
    let all = found.len();
    found.dedup();
    let missing = numbers
        .clone()
        .filter(|number| found.binary_search(number).is_err());
    (missing.collect(), all - found.len())
}
