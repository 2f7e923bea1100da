//! Lines on their way to a server while the writer, the shipper and the server are killed, and the network is cut, slow, and breaks
//! responses off.

use super::{
    Folder,
    chaos::{Dice, Ship, Writer, ranges_by_file},
    network::Network,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// What a server has of the numbered lines: for each number, each copy's time and text.
pub(crate) type Found = BTreeMap<u64, Vec<(String, String)>>;

/// A server in the storm.
pub(crate) trait Backend {
    fn url(&self) -> String;

    /// The target of the shipper at this address.
    fn target(&self, url: &str) -> String;

    /// Ends the server as hard as it survives without losing what it has confirmed, and starts it again after a while.
    fn interrupt(&mut self, pause: Duration);

    /// One in so many faults is an interruption. 0: there is none.
    fn interruptions(&self) -> u64;

    /// What it has of this service's lines.
    fn found(&self, service: &str) -> Found;
}

/// What a storm has seen.
pub(crate) struct Seen {
    pub(crate) lines: u64,
    pub(crate) found: Found,
    /// Kills of the writer, kills of the shipper, and interruptions of the server.
    pub(crate) kills: (usize, usize, usize),
}

/// Writes, rotates, compresses and ships numbered lines, so many or `STAMP_CHAOS_LINES`.
pub(crate) fn storm(backend: &mut impl Backend, lines: u64) -> Seen {
    let from_env = std::env::var("STAMP_CHAOS_LINES").ok();
    let lines: u64 = from_env.and_then(|text| text.parse().ok()).unwrap_or(lines);
    let nanos = jiff::Timestamp::now().as_nanosecond();
    let service = format!("chaos-{}-{nanos}", std::process::id());
    let folder = Folder::new();
    let log = folder.at("orders.jsonl");
    let network = Network::start(&backend.url());
    let to = backend.target(&network.url());
    let mut writer = Writer::new(&log, lines, &service);
    let mut ship = Ship::new(&to, &log);
    let mut dice = Dice::default();
    let (begin, mut faults, mut interruptions) = (Instant::now(), 0, 0);
    while !writer.is_done() {
        assert!(
            begin.elapsed() < Duration::from_secs(3_000),
            "it takes too long"
        );
        std::thread::sleep(Duration::from_millis(dice.up_to(900)));
        // A short storm has a kill of each kind, too, whatever the dice say.
        let fault = if faults < 2 {
            2 * faults
        } else {
            dice.up_to(8)
        };
        match fault {
            0..2 => writer.kill(),
            2..5 => ship.kill(),
            5 => network.cut(Duration::from_millis(dice.up_to(1_500))),
            6 => network.delay(Duration::from_millis(dice.up_to(500))),
            _ => network.break_answers(3),
        }
        faults += 1;
        let often = backend.interruptions();
        if often > 0 && (faults == 4 || dice.up_to(often) == 0) {
            backend.interrupt(Duration::from_millis(dice.up_to(1_000)));
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
        // The ranges help to find out who lost them.
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
    Seen {
        lines,
        found,
        kills,
    }
}

impl Seen {
    /// Fails where a number has several copies.
    pub(crate) fn assert_each_once(&self) {
        self.assert_few(|copies| copies.len());
    }

    /// Fails where the copies of a number differ in time or text: a server that keeps equal entries once would keep both.
    pub(crate) fn assert_copies_are_equal(&self) {
        self.assert_few(|copies| copies.iter().collect::<BTreeSet<_>>().len());
    }

    fn assert_few(&self, count: impl Fn(&[(String, String)]) -> usize) {
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

/// Numbers as ranges: the first and the last of each.
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

/// The number on a line.
pub(crate) fn number(line: &str) -> u64 {
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    line["number"].as_u64().expect("a number")
}
