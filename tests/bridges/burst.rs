//! Records are limited by the place that they name.

use super::{Line, lines};
use log::Log as _;
use slog::{Logger, o};
use std::{collections::BTreeMap, time::Duration};
use tracing_stamp::{
    Burst,
    bridge::{log::Logger as LogLogger, slog::TracingDrain},
};

fn burst() -> Burst {
    Burst::per_call_site(2, Duration::from_secs(3_600))
}

/// The number of written lines for each target, and of all that were left out.
fn counts(lines: &[Line]) -> (BTreeMap<String, u64>, u64) {
    let (mut written, mut left_out) = (BTreeMap::new(), 0);
    for line in lines {
        if line.has("suppressed") {
            left_out += line.get("suppressed").as_u64().expect("a number");
        }
        if line.get("message") != "lines suppressed" {
            let target = line.get("target").as_str().expect("text").to_owned();
            *written.entry(target).or_default() += 1;
        }
    }
    (written, left_out)
}

fn record(target: &str, keys: &[(String, u64)]) {
    let keys: Vec<_> = keys
        .iter()
        .map(|(key, value)| (&**key, log::kv::Value::from(*value)))
        .collect();
    LogLogger::new().log(
        &log::Record::builder()
            .args(format_args!("hello"))
            .target(target)
            .level(log::Level::Warn)
            .file(Some("src/shop.rs"))
            .line(Some(7))
            .key_values(&keys)
            .build(),
    );
}

fn expected(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    let counts = counts.iter().copied();
    counts
        .map(|(target, count)| (target.to_owned(), count))
        .collect()
}

#[test]
fn records_of_log_are_limited_by_their_place_whatever_their_keys() {
    log::set_max_level(log::LevelFilter::Trace);
    let lines = lines(
        |layer| layer.with_burst(burst()),
        || {
            for number in 0..5 {
                record("burst::one", &[(format!("key_{number}"), number)]);
                record("burst::other", &[]);
            }
        },
    );
    let written = expected(&[("burst::one", 2), ("burst::other", 2)]);
    assert_eq!(counts(&lines), (written, 6));
}

#[test]
fn records_of_slog_are_limited_by_their_place_whatever_the_context_of_their_logger() {
    let root = Logger::root(TracingDrain::new(), o!());
    let lines = lines(
        |layer| layer.with_burst(burst()),
        || {
            let with_context = root.new(o!("request" => 7));
            for _ in 0..3 {
                for logger in [&root, &with_context] {
                    slog::warn!(logger, "hello"; "order" => 1017);
                }
            }
        },
    );
    assert_eq!(counts(&lines), (expected(&[(module_path!(), 2)]), 4));
}

#[test]
fn records_without_a_call_site_of_their_own_are_limited_by_their_place() {
    log::set_max_level(log::LevelFilter::Trace);
    // Too many keys for a call site.
    let keys = |peer| -> Vec<(String, u64)> {
        let keys = (0..70).map(|index| (format!("key_{index}"), index));
        keys.chain([("peer".to_owned(), peer)]).collect()
    };
    let log = || {
        for peer in [1, 1, 1, 2, 2] {
            record("burst::many", &keys(peer));
            record("burst::others", &keys(peer));
        }
    };
    let limited = lines(|layer| layer.with_burst(burst()), log);
    let written = expected(&[("burst::many", 2), ("burst::others", 2)]);
    assert_eq!(counts(&limited), (written, 6));
    let by_peer = lines(|layer| layer.with_burst(burst().by("peer")), log);
    let written = expected(&[("burst::many", 4), ("burst::others", 4)]);
    assert_eq!(counts(&by_peer), (written, 2));
    // Their summary names the call site that they share.
    let last = limited.last().expect("a summary");
    assert_eq!(last.get("target"), "log");
}

#[test]
fn a_key_of_a_record_limits_its_lines() {
    log::set_max_level(log::LevelFilter::Trace);
    let lines = lines(
        |layer| layer.with_burst(burst().by("peer")),
        || {
            // The same place, without the key, and with the key as another field.
            record("burst::peers", &[("other".to_owned(), 1)]);
            for peer in [1, 1, 1, 2, 2] {
                record("burst::peers", &[("peer".to_owned(), peer)]);
            }
            for other in 0..3 {
                let keys = [("other".to_owned(), other), ("peer".to_owned(), 3)];
                record("burst::peers", &keys);
            }
        },
    );
    assert_eq!(
        counts(&lines),
        (expected(&[("burst::peers", 1 + 4 + 2)]), 1 + 1)
    );
}
