//! Limits by a key.

use super::{HOUR, is_summary, lines, support::Line, suppressed, values};
use std::collections::BTreeMap;
use tracing_stamp::Burst;

fn one_each() -> Burst {
    Burst::per_call_site(1, HOUR).then_every(3).by("peer")
}

/// The number of written lines for each value, and of those left out.
fn counts(lines: &[Line], field: &str) -> (BTreeMap<String, u64>, u64) {
    let mut written = BTreeMap::new();
    for (value, _) in values(lines, field) {
        *written.entry(value).or_default() += 1;
    }
    (written, lines.iter().map(suppressed).sum())
}

#[test]
fn each_value_of_the_key_has_its_own_limit() {
    let lines = lines(one_each(), || {
        for round in 0..4 {
            for peer in ["a", "b", "c"] {
                if round == 0 || peer != "c" {
                    tracing::warn!(peer, round, "handshake failed");
                }
            }
        }
    });
    let found: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line.get("peer").as_str().expect("text"),
                line.get("round").as_u64().expect("a number"),
                suppressed(line),
            )
        })
        .collect();
    let expected = [
        ("a", 0, 0),
        ("b", 0, 0),
        ("c", 0, 0),
        ("a", 3, 2),
        ("b", 3, 2),
    ];
    assert_eq!(found, expected);
}

#[test]
fn values_of_all_types_are_keys() {
    let lines = lines(Burst::per_call_site(1, HOUR).by("peer"), || {
        for _ in 0..2 {
            for peer in 0..3_u64 {
                tracing::warn!(peer, "u64");
            }
            for peer in [-1_i64, 1] {
                tracing::warn!(peer, "i64");
            }
            for peer in [true, false] {
                tracing::warn!(peer, "bool");
            }
            for peer in [0.5, 1.5] {
                tracing::warn!(peer, "f64");
            }
            for peer in [1_u128 << 90, 1 << 100] {
                tracing::warn!(peer, "u128");
            }
            for peer in [[127, 0, 0, 1], [127, 0, 0, 2]].map(std::net::Ipv4Addr::from) {
                tracing::warn!(%peer, "formatted");
            }
        }
    });
    let written = lines.iter().filter(|line| !is_summary(line)).count();
    assert_eq!(written, 3 + 2 + 2 + 2 + 2 + 2);
    assert_eq!(lines.iter().map(suppressed).sum::<u64>(), 13);
    // One line of its own for each call site, whatever the number of its keys.
    assert_eq!(lines.len(), 13 + 6);
}

#[test]
fn lines_without_the_key_are_limited_by_their_call_site() {
    let lines = lines(Burst::per_call_site(1, HOUR).by("peer"), || {
        for index in 0..6 {
            tracing::warn!(index, "no such field");
            tracing::warn!(
                peer = (index % 2 == 0).then_some(index),
                "a field without a value"
            );
        }
    });
    // The three values, and the lines without one.
    assert_eq!(lines.iter().filter(|line| !is_summary(line)).count(), 1 + 4);
    assert_eq!(lines.iter().map(suppressed).sum::<u64>(), 5 + 2);
}

#[test]
fn a_field_of_a_span_is_no_key() {
    let lines = lines(Burst::per_call_site(1, HOUR).by("peer"), || {
        for peer in ["a", "b"] {
            tracing::info_span!("connection", peer).in_scope(|| tracing::warn!("slow"));
        }
    });
    assert_eq!(counts(&lines[..1], "peer").0.len(), 1);
    assert_eq!(suppressed(&lines[1]), 1);
}

#[test]
fn more_values_than_are_kept_are_counted_together() {
    const PEERS: u64 = 5_000;
    let lines = lines(Burst::per_call_site(2, HOUR).by("peer"), || {
        for _ in 0..3 {
            (0..PEERS).for_each(|peer| tracing::warn!(peer, "handshake failed"));
        }
    });
    let (written, left_out) = counts(&lines, "peer");
    assert_eq!(written.values().sum::<u64>() + left_out, 3 * PEERS);
    let whole = written.values().filter(|count| **count == 2).count();
    assert!((900..=1_026).contains(&whole), "{whole} values are kept");
    assert!((0..=2).contains(&(written.len() - whole)), "{written:?}");
}
