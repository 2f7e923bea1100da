//! The memory used by spans that record values. Measured in a separate process.

mod support;

use std::fs;
use support::{
    Line, Lines,
    dynamic::{Given, Parent, Site},
};
use tracing_subscriber::prelude::*;

/// Returns the resident memory of the process in bytes, if the system reports it.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[test]
fn the_last_write_wins_and_memory_stays_flat_over_1_000_000_records() {
    const RECORDS: u64 = 1_000_000;
    // Even one byte per record would exceed this.
    const ALLOWED: u64 = 900_000;

    let lines = Lines::default();
    let layer = tracing_stamp::layer()
        .with_diagnostics(|_| ())
        .with_writer(lines.clone());
    let site = Site::span("span", &["number", "text", "error"]);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let outer = site.open(
            Parent::Current,
            &[Given::Nothing, Given::Nothing, Given::Nothing],
        );
        let inner = tracing::info_span!(parent: &outer, "inner", own = 1);
        // Values of a few lengths and kinds, repeated, and an error with and without sources.
        let values: Vec<[Given; 3]> = (0..8_u64)
            .map(|number| {
                let text = "x".repeat(usize::try_from(number).unwrap_or_default() * 10);
                let sources = (0..=number).map(|source| source.to_string()).collect();
                [
                    Given::U64(1 << (number * 8)),
                    Given::Str(text),
                    Given::Error(sources),
                ]
            })
            .collect();
        let mut before = None;
        for (count, values) in (0..RECORDS).zip(values.iter().cycle()) {
            site.record(&outer, values);
            // By then, the buffers have reached their size.
            if count == RECORDS / 100 {
                before = resident();
            }
            if count.is_multiple_of(RECORDS / 50) {
                inner.in_scope(|| tracing::info!("hello"));
            }
        }
        if let (Some(before), Some(after)) = (before, resident()) {
            let grown = after.saturating_sub(before);
            assert!(
                grown < ALLOWED,
                "memory grew by {grown} bytes from {before}"
            );
        }
        inner.in_scope(|| tracing::info!("last"));
    });

    let text = lines.text();
    let last = Line::parse(text.lines().last().expect("a line"));
    assert_eq!(*last.get("number"), 1_u64 << 56);
    assert_eq!(last.get("text"), &"x".repeat(70));
    assert_eq!(last.get("error"), "0");
    assert_eq!(last.get("error.sources").as_array().map(Vec::len), Some(7));
    assert!(
        text.lines().all(|line| line.len() < 1_000),
        "no line grows with the number of records"
    );
}
