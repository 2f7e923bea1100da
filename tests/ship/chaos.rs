//! Chaos tests: lines are shipped while the writer, the shipper and the server are killed, and while the network is cut, delays responses
//! and breaks them off.

use super::{
    Folder,
    network::Network,
    processes::{Dice, ShipperProcess, WriterProcess, ranges_by_file},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// The numbered lines that a server has: for each number, the time and the text of each copy.
pub(crate) type Found = BTreeMap<u64, Vec<(String, String)>>;

/// A server of a chaos test.
pub(crate) trait Backend {
    fn url(&self) -> String;

    /// Returns the target setting for this address.
    fn target(&self, url: &str) -> String;

    /// Ends the server in the hardest way in which it does not lose confirmed lines, and starts it again after a pause.
    fn interrupt(&mut self, pause: Duration);

    /// One fault in this many also interrupts the server. 0 means never.
    fn interruptions(&self) -> u64;

    /// Returns the lines of this service that the server has.
    fn found(&self, service: &str) -> Found;
}

/// The result of a chaos test.
pub(crate) struct ChaosResult {
    pub(crate) lines: u64,
    pub(crate) found: Found,
    /// The number of kills of the writer, of kills of the shipper, and of interruptions of the server.
    pub(crate) kills: (usize, usize, usize),
}

/// Writes, rotates, compresses and ships this many numbered lines, or as many as `STAMP_CHAOS_LINES` says.
pub(crate) fn run_chaos(backend: &mut impl Backend, lines: u64) -> ChaosResult {
    let from_env = std::env::var("STAMP_CHAOS_LINES").ok();
    let lines: u64 = from_env.and_then(|text| text.parse().ok()).unwrap_or(lines);
    let nanos = jiff::Timestamp::now().as_nanosecond();
    let service = format!("chaos-{}-{nanos}", std::process::id());
    let folder = Folder::new();
    let log = folder.at("orders.jsonl");
    let network = Network::start(&backend.url());
    let to = backend.target(&network.url());
    let mut writer = WriterProcess::new(&log, lines, &service);
    let mut ship = ShipperProcess::new(&to, &log);
    let mut dice = Dice::default();
    let (begin, mut faults, mut interruptions) = (Instant::now(), 0, 0);
    while !writer.is_done() {
        assert!(
            begin.elapsed() < Duration::from_secs(3_000),
            "it takes too long"
        );
        std::thread::sleep(Duration::from_millis(dice.below(900)));
        // The first two faults are kills of the writer and of the shipper, so that a short test has both.
        let fault = if faults < 2 {
            2 * faults
        } else {
            dice.below(8)
        };
        match fault {
            0..2 => writer.kill(),
            2..5 => ship.kill(),
            5 => network.cut(Duration::from_millis(dice.below(1_500))),
            6 => network.delay(Duration::from_millis(dice.below(500))),
            _ => network.break_responses(3),
        }
        faults += 1;
        let one_in = backend.interruptions();
        if one_in > 0 && (faults == 4 || dice.below(one_in) == 0) {
            backend.interrupt(Duration::from_millis(dice.below(1_000)));
            interruptions += 1;
        }
    }
    network.heal();
    ship.finish();
    let kills = (writer.kills(), ship.kills(), interruptions);
    let found = backend.found(&service);
    let missing: Vec<u64> = (0..lines)
        .filter(|number| !found.contains_key(number))
        .collect();
    if !missing.is_empty() {
        // The ranges help to find out which process lost the lines.
        eprintln!("missing: {:?}", ranges(&missing));
        eprintln!("on the disk: {:?}", ranges_by_file(&log));
        let cursor = folder.at(".loki.cursor");
        eprintln!("{}", std::fs::read_to_string(cursor).unwrap_or_default());
    }
    assert!(
        missing.is_empty(),
        "{} of {lines} lines are missing after {kills:?} kills",
        missing.len()
    );
    assert!(kills.0 + kills.1 > 0, "{kills:?} kills");
    let copies: usize = found.values().map(Vec::len).sum();
    eprintln!(
        "{lines} lines, {copies} copies; kills of the writer and the shipper, and interruptions of the server: {kills:?}; {:?}",
        begin.elapsed()
    );
    ChaosResult {
        lines,
        found,
        kills,
    }
}

impl ChaosResult {
    /// Fails if a number has several copies.
    pub(crate) fn assert_each_once(&self) {
        self.assert_at_most_one(|copies| copies.len());
    }

    /// Fails if the copies of a number differ in time or text. A server that stores equal entries once would store both.
    pub(crate) fn assert_copies_are_equal(&self) {
        self.assert_at_most_one(|copies| copies.iter().collect::<BTreeSet<_>>().len());
    }

    fn assert_at_most_one(&self, count: impl Fn(&[(String, String)]) -> usize) {
        let several: Vec<_> = self
            .found
            .iter()
            .filter(|(_, copies)| count(copies) > 1)
            .take(10)
            .collect();
        let (lines, kills) = (self.lines, self.kills);
        assert!(
            several.is_empty(),
            "of {lines} lines, after {kills:?} kills: {several:?}"
        );
    }
}

/// Returns the ranges of consecutive numbers: the first and the last number of each.
fn ranges(numbers: &[u64]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    ranges
}

/// Returns the number of a line.
pub(crate) fn number(line: &str) -> u64 {
    let line: serde_json::Value = serde_json::from_str(line).expect("the text is JSON");
    line["number"].as_u64().expect("it is a number")
}
