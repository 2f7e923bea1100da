//! The id of a line, under `log.record.uid` or the schema's name for it.

use super::{
    line, line_with, lines,
    support::{Line, Lines, context},
};
use std::{
    collections::HashSet,
    env, io,
    process::{Command, Stdio},
    time::Duration,
};
use tracing_stamp::{FixedKey, Schema};
use tracing_subscriber::{fmt::format::FmtSpan, prelude::*};

const SYMBOLS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The id of a line in the default schema.
fn uid(line: &Line) -> String {
    let uid = line.get("log.record.uid").as_str();
    uid.unwrap_or_else(|| panic!("no id in {line:?}"))
        .to_owned()
}

fn uids(lines: &[Line]) -> Vec<String> {
    lines.iter().map(uid).collect()
}

/// The milliseconds in an id.
fn millis(uid: &str) -> i64 {
    let digit = |symbol| SYMBOLS.find(symbol).expect("a symbol");
    let digits = uid[..10].chars().map(digit);
    digits.fold(0, |millis, digit| millis << 5 | digit as i64)
}

#[test]
fn in_every_schema_the_id_is_between_the_trace_flags_and_the_resource() {
    for (schema, flags, expected) in [
        (Schema::otel(), "trace_flags", "log.record.uid"),
        (Schema::ecs(), "trace_flags", "event.id"),
        (
            Schema::gcp("p"),
            "logging.googleapis.com/trace_sampled",
            "logging.googleapis.com/insertId",
        ),
        (Schema::datadog(), "trace_flags", "log.record.uid"),
    ] {
        assert_eq!(schema.name(FixedKey::RecordUid), expected);
        let line = line_with(
            |layer| {
                layer
                    .with_schema(schema)
                    .with_context_source(context)
                    .with_resource([("host", "h")])
                    .with_record_uid(true)
            },
            || tracing::info!("hello"),
        );
        let keys = line.keys();
        let at = keys.iter().position(|key| *key == expected).expect("a key");
        assert_eq!(keys[at - 1..=at + 1], [flags, expected, "host"]);
        let uid = line.get(expected).as_str().expect("a string");
        assert!(
            uid.len() == 26 && uid.chars().all(|symbol| SYMBOLS.contains(symbol)),
            "{uid}"
        );
    }
}

#[test]
fn by_default_a_line_has_no_id() {
    assert!(!line(|| tracing::info!("hello")).has("log.record.uid"));
}

#[test]
fn a_line_without_a_context_has_an_id() {
    let line = line_with(
        |layer| layer.with_record_uid(true),
        || tracing::info!("hello"),
    );
    let expected = ["timestamp", "level", "message", "target", "log.record.uid"];
    assert_eq!(line.keys(), expected);
}

#[test]
fn the_id_begins_with_the_time_of_the_line() {
    let before = jiff::Timestamp::now().as_millisecond();
    let line = line_with(
        |layer| layer.with_record_uid(true),
        || tracing::info!("hello"),
    );
    let time: jiff::Timestamp = line
        .get("timestamp")
        .as_str()
        .expect("text")
        .parse()
        .expect("a time");
    let millis = millis(&uid(&line));
    // A clock that was set back does not set ids back.
    assert!(millis >= time.as_millisecond().max(before));
    assert!(millis <= jiff::Timestamp::now().as_millisecond() + 60_000);
}

#[test]
fn ids_increase_from_line_to_line_and_lines_of_a_spans_life_have_them_too() {
    let lines = lines(
        |layer| layer.with_record_uid(true).with_span_events(FmtSpan::FULL),
        || {
            for _ in 0..1_000 {
                tracing::info_span!("work").in_scope(|| tracing::info!("hello"));
            }
        },
    );
    assert_eq!(lines.len(), 5_000);
    let uids = uids(&lines);
    assert!(uids.is_sorted_by(|earlier, later| earlier < later));
}

#[test]
fn the_id_of_a_line_that_is_written_later_than_it_happened_is_not_set_back() {
    let lines = lines(
        |layer| layer.with_record_uid(true).with_span_events(FmtSpan::NEW),
        || {
            let span = tracing::info_span!("work");
            tracing::info!("before");
            std::thread::sleep(Duration::from_millis(5));
            tracing::info!("after");
            // This writes the line of the span's creation.
            drop(span.entered());
        },
    );
    let messages: Vec<_> = lines
        .iter()
        .map(|line| line.get("message").clone())
        .collect();
    assert_eq!(messages, ["before", "after", "new"]);
    assert!(uids(&lines).is_sorted_by(|earlier, later| earlier < later));
}

#[test]
fn two_layers_write_an_event_under_two_ids() {
    let (first, second) = (Lines::default(), Lines::default());
    let layer = |lines: &Lines| {
        tracing_stamp::layer()
            .with_record_uid(true)
            .with_writer(lines.clone())
    };
    let subscriber = tracing_subscriber::registry()
        .with(layer(&first))
        .with(layer(&second));
    tracing::subscriber::with_default(subscriber, || tracing::info!("hello"));
    assert_ne!(uids(&first.all()), uids(&second.all()));
}

#[test]
fn a_field_with_the_name_of_the_id_is_written_with_a_prefix() {
    for is_on in [false, true] {
        let line = line_with(
            |layer| layer.with_record_uid(is_on),
            || tracing::info!(log.record.uid = 7, "hello"),
        );
        assert_eq!(*line.get("field.log.record.uid"), 7);
        assert_eq!(line.get("log.record.uid").is_string(), is_on);
    }
}

#[test]
fn the_id_can_have_any_name() {
    for name in [
        "uid",
        "a long name that does not fit into the bytes of the usual ones",
    ] {
        let schema = Schema::otel()
            .rename(FixedKey::RecordUid, name)
            .expect("the name is free");
        let line = line_with(
            |layer| layer.with_schema(schema).with_record_uid(true),
            || tracing::info!(log.record.uid = 7, "hello"),
        );
        assert_eq!(line.keys()[4..], [name, "log.record.uid"]);
        assert_eq!(line.get(name).as_str().map(str::len), Some(26));
    }
}

#[test]
fn the_id_is_never_cut() {
    let line = line_with(
        |layer| {
            layer
                .with_record_uid(true)
                .with_max_line_bytes(1_024)
                .with_resource([("host", "h".repeat(2_000))])
        },
        || tracing::info!(text = "x".repeat(5_000), "hello"),
    );
    assert_eq!(line.get("truncated"), true);
    assert_eq!(uid(&line).len(), 26);
}

/// The variable that makes this program a child process.
const CHILD: &str = "STAMP_TEST_RECORD_UID";

#[test]
fn processes_that_log_at_the_same_time_write_different_ids() {
    let start = || {
        Command::new(env::current_exe().expect("the path of this program"))
            .args(["--exact", "record_uid::child_process", "--nocapture"])
            .env(CHILD, "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the child process starts")
    };
    let mut uids = HashSet::new();
    for child in [start(), start(), start()] {
        let output = child.wait_with_output().expect("the child process ends");
        let text = String::from_utf8(output.stderr).expect("UTF-8");
        for line in text.lines() {
            assert!(uids.insert(uid(&Line::parse(line))));
        }
    }
    assert_eq!(uids.len(), 3 * 2_000);
    // All ids of a process, which has one thread, end with the same random symbols.
    let random: HashSet<&str> = uids.iter().map(|uid| &uid[13..]).collect();
    assert_eq!(random.len(), 3);
}

#[test]
fn child_process() {
    if env::var_os(CHILD).is_none() {
        return;
    }
    let layer = tracing_stamp::layer()
        .with_record_uid(true)
        .with_diagnostics(|_| ())
        .with_writer(io::stderr);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        (0..2_000).for_each(|_| tracing::info!("hello"));
    });
}
