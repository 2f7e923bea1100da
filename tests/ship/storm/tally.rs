//! Compares what the files hold with what the server has stored.

use super::{
    key::Key,
    logrotate::Counts,
    place::{Fate, Place},
    target::Stored,
    written::Written,
};
use std::{collections::BTreeMap, fmt};

/// The lines of one kind of writer in one place.
#[derive(Default)]
struct Row {
    /// Lines in the files.
    written: u64,
    missing: u64,
    /// Stored more often than written, with another time, stream or document id.
    repeated: u64,
    /// Stored once more by a server that removes no repeats: equal in stream, time and text.
    equal_copies: u64,
    /// Stored, but not in the files.
    beyond: u64,
}

pub(super) struct Tally {
    rows: BTreeMap<(&'static str, u8), Row>,
    /// The first missing or repeated lines.
    examples: Vec<Key>,
    /// Lines in parts that are not joined to the original.
    broken: u64,
    /// Stored lines without a key.
    strangers: Vec<String>,
}

const MAX_EXAMPLES: usize = 12;

impl Tally {
    /// `each_line` calls its argument with each stored line.
    pub(super) fn of(written: &Written, each_line: impl FnOnce(&mut dyn FnMut(Stored))) -> Self {
        let mut tally = Self {
            rows: BTreeMap::new(),
            examples: Vec::new(),
            broken: 0,
            strangers: Vec::new(),
        };
        let mut found: Vec<(Key, u64)> = Vec::new();
        each_line(&mut |stored| match Key::find(&stored.text) {
            Some(key) => {
                tally.broken += u64::from(is_broken(&stored.text));
                found.push((key, stored.checksum()));
            }
            None => tally.strangers.push(stored.text),
        });
        found.sort_unstable();
        for copies in found.chunk_by(|(one, _), (other, _)| one == other) {
            tally.count(written, copies);
        }
        for (key, count) in &written.0 {
            tally.row(*key).written += count;
            if found.binary_search_by_key(key, |(key, _)| *key).is_err() {
                tally.note(*key);
                tally.row(*key).missing += count;
            }
        }
        tally
    }

    fn row(&mut self, key: Key) -> &mut Row {
        self.rows.entry((kind(key), key.place())).or_default()
    }

    fn note(&mut self, key: Key) {
        if self.examples.len() < MAX_EXAMPLES {
            self.examples.push(key);
        }
    }

    /// Returns the lines with the first keys that are missing or repeated, as the server has stored them.
    pub(super) fn examples(&self, each_line: impl FnOnce(&mut dyn FnMut(Stored))) -> Vec<String> {
        let mut examples: Vec<String> =
            self.examples.iter().map(|key| format!("{key:?}")).collect();
        if examples.is_empty() {
            return examples;
        }
        each_line(&mut |stored| {
            let key = Key::find(&stored.text);
            if key.is_some_and(|key| self.examples.contains(&key)) {
                examples.push(format!("{}: {}", stored.identity, stored.text));
            }
        });
        examples.sort();
        examples
    }

    /// Counts all stored lines with one key.
    fn count(&mut self, written: &Written, copies: &[(Key, u64)]) {
        let key = copies[0].0;
        let distinct = copies.chunk_by(|one, other| one == other).count() as u64;
        let expected = written.0.get(&key).copied().unwrap_or(0);
        let row = self.row(key);
        row.equal_copies += copies.len() as u64 - distinct;
        row.missing += expected.saturating_sub(distinct);
        match expected {
            0 => {
                row.beyond += 1;
                row.repeated += distinct - 1;
            }
            _ => row.repeated += distinct.saturating_sub(expected),
        }
        if distinct < expected
            || (distinct > expected && fate(key).is_some_and(|fate| is_once(kind(key), fate)))
        {
            self.note(key);
        }
    }

    pub(super) fn written(&self) -> u64 {
        self.rows.values().map(|row| row.written).sum()
    }

    /// Fails if the lines are not as `docs/shipping.md` promises.
    pub(super) fn check(&self, rotations: &Counts) {
        assert_eq!(self.strangers, [""; 0], "no other lines are stored");
        assert_eq!(self.broken, 0, "lines in parts are joined");
        for ((kind, number), row) in &self.rows {
            let place = Place::of(*number).expect("the place exists");
            assert_eq!(row.missing, 0, "{kind} in {}", place.name);
            if is_once(kind, place.fate) {
                assert_eq!(row.repeated, 0, "{kind} in {}", place.name);
            }
            if place.fate == Fate::Renamed {
                assert_eq!(row.beyond, 0, "{kind} in {}", place.name);
            }
            // Each file is compressed, or copied and emptied, once. A file that grows on is copied at each rotation.
            let times = match place.fate {
                Fate::Copied => rotations.get(place.name).copied().unwrap_or(0),
                _ => 1,
            };
            let (written, repeated) = (row.written, row.repeated);
            assert!(
                repeated <= times * written,
                "{kind} in {}: {repeated} repeats of {written} lines",
                place.name
            );
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| written by | place | lines | missing | repeated | equal copies | found beyond the files |\n|---|---|--:|--:|--:|--:|--:|"
        )?;
        let mut totals: BTreeMap<&str, Row> = BTreeMap::new();
        for ((kind, number), row) in &self.rows {
            let place = Place::of(*number).map_or("?", |place| place.name);
            row.fmt(f, kind, place)?;
            totals.entry(kind).or_default().add(row);
        }
        let mut all = Row::default();
        for (kind, row) in &totals {
            row.fmt(f, kind, "all")?;
            all.add(row);
        }
        all.fmt(f, "all", "all")
    }
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.written += other.written;
        self.missing += other.missing;
        self.repeated += other.repeated;
        self.equal_copies += other.equal_copies;
        self.beyond += other.beyond;
    }

    fn fmt(&self, f: &mut fmt::Formatter<'_>, kind: &str, place: &str) -> fmt::Result {
        writeln!(
            f,
            "| {kind} | {place} | {} | {} | {} | {} | {} |",
            self.written, self.missing, self.repeated, self.equal_copies, self.beyond
        )
    }
}

const OWN: &str = "this crate";
const TEXT_OF_PYTHON: &str = "Python, text";
const TEXT_OF_SHELL: &str = "shell, text";

/// Returns who has written a line.
fn kind(key: Key) -> &'static str {
    match key.writer() {
        0..10 => OWN,
        10 => "Python, JSON",
        11 => TEXT_OF_PYTHON,
        20 => TEXT_OF_SHELL,
        _ => "containers",
    }
}

/// Whether `docs/shipping.md` allows no repeats of these lines in files with this fate.
fn is_once(kind: &str, fate: Fate) -> bool {
    match fate {
        Fate::Renamed => true,
        Fate::Compressed => ![TEXT_OF_PYTHON, TEXT_OF_SHELL].contains(&kind),
        Fate::Copied | Fate::Emptied => kind == OWN,
    }
}

fn fate(key: Key) -> Option<Fate> {
    Place::of(key.place()).map(|place| place.fate)
}

/// Whether a long line does not end with the key with which it begins.
fn is_broken(text: &str) -> bool {
    let Some((begin, end)) = text.split_once("; long x") else {
        return false;
    };
    let key = begin.rsplit("n=").next().unwrap_or_default();
    !end.contains(&format!("x end={key};"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashMap, panic::catch_unwind};

    /// Counts stored lines, each with its time, if the files have these ones.
    fn tally(written: &[&str], stored: &[(&str, &str)]) -> Tally {
        let mut counts = HashMap::new();
        for line in written {
            let key = Key::find(line).expect("it has a key");
            *counts.entry(key).or_insert(0) += 1;
        }
        Tally::of(&Written(counts), |take| {
            for (time, text) in stored {
                take(Stored {
                    identity: (*time).to_owned(),
                    text: (*text).to_owned(),
                });
            }
        })
    }

    fn passes(tally: &Tally) -> bool {
        catch_unwind(|| tally.check(&Counts::new())).is_ok()
    }

    #[test]
    fn the_check_fails_for_each_line_that_is_missing_repeated_or_not_in_the_files() {
        let own = "n=1.0.0.7; own";
        let renamed = "n=20.1.0.7; text";
        let compressed = "n=20.4.0.7; text";
        let timed = "n=10.4.0.7; text";
        let equal = "e=20.1.3; text";
        for (written, stored, passes_check) in [
            (vec![own], vec![("a", own)], true),
            (vec![own], vec![("a", own), ("a", own)], true),
            (vec![own], vec![("a", own), ("b", own)], false),
            (vec![own], vec![], false),
            (vec![renamed], vec![("a", renamed), ("b", renamed)], false),
            (
                vec![compressed],
                vec![("a", compressed), ("b", compressed)],
                true,
            ),
            (vec![timed], vec![("a", timed), ("b", timed)], false),
            (vec![], vec![("a", compressed)], true),
            (vec![], vec![("a", renamed)], false),
            (vec![equal, equal], vec![("a", equal), ("b", equal)], true),
            (vec![equal, equal], vec![("a", equal), ("a", equal)], false),
            (vec![own], vec![("a", own), ("a", "another line")], false),
        ] {
            let tally = tally(&written, &stored);
            assert_eq!(passes(&tally), passes_check, "{written:?} {stored:?}");
        }
    }

    #[test]
    fn a_long_line_is_broken_if_its_end_is_that_of_another() {
        assert!(!is_broken("n=30.8.0.1; long xxx end=30.8.0.1;"));
        assert!(is_broken("n=30.8.0.1; long xxx end=30.8.0.2;"));
        assert!(is_broken("n=30.8.0.1; long xxx"));
    }
}
