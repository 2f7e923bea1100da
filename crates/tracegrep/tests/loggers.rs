//! Reads the lines of real loggers in `loggers/samples`, and compares the records with `loggers/expected.txt`. The expected values come from a
//! reading of the lines by the loggers' documentation, not from this crate.

use log_files::{Joiner, Wrapping};
use std::{fmt::Write, fs, path::Path};
use tracegrep::{ErrorDetails, Reader, Record};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
/// The start of 29 November 2026 in nanoseconds since 1970. All samples are of that day.
const DAY: i64 = 1_795_910_400_000_000_000;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/loggers"))
}

#[test]
fn the_lines_of_all_loggers_are_understood() {
    let expected = fs::read_to_string(folder().join("expected.txt")).expect("the file is there");
    let mut sections = expected.split("\n\n");
    assert!(sections.next().is_some_and(|head| head.starts_with('#')));
    // The samples are of a machine whose local time was UTC.
    let reader = Reader::new().with_offset(0).with_now(DAY);
    let mut files = sample_files();
    for section in sections {
        let (name, expected) = section
            .trim_end()
            .split_once('\n')
            .expect("lines after the name");
        files.retain(|file| file != name);
        let sample = fs::read(folder().join("samples").join(name)).expect("the sample is there");
        let found: String = records(&reader, &sample).iter().map(shown).collect();
        for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
            assert_eq!(
                found,
                expected,
                "{name}, line {} of its section",
                number + 1
            );
        }
        assert_eq!(found.lines().count(), expected.lines().count(), "{name}");
    }
    assert!(files.is_empty(), "nothing is expected of {files:?}");
}

/// Reads the lines of a file. Lines of containers are joined.
fn records(reader: &Reader, file: &[u8]) -> Vec<Record> {
    let mut joiner = Joiner::new();
    let lines = file.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .filter_map(|line| {
            let Some(part) = Wrapping::detect(line).and_then(|wrapping| wrapping.part(line)) else {
                return Some(reader.read(line));
            };
            let is_whole = !part.is_partial && joiner.unfinished_offset().is_none();
            let joined = joiner.push(0, part)?;
            let record = reader.read_stored(&joined.text, &joined.time);
            if is_whole {
                assert_eq!(record, reader.read(line));
            }
            Some(record)
        })
        .collect()
}

fn sample_files() -> Vec<String> {
    let entries = fs::read_dir(folder().join("samples")).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.into_string().expect("the names are ASCII"));
    names.filter(|name| name.ends_with(".log")).collect()
}

/// Writes a record as `expected.txt` has it.
fn shown(record: &Record) -> String {
    if *record == Record::default() {
        return "nothing\n".to_owned();
    }
    let mut out = String::new();
    let or_absent = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let level = record.level.map(|level| format!("{level:?}"));
    let message = record.message.as_ref().map(|message| quoted(message));
    writeln!(
        out,
        "{} {} {} {} {}",
        time_of_day(record.time),
        or_absent(&level),
        or_absent(&record.service),
        or_absent(&record.span_id),
        or_absent(&message)
    )
    .expect("a String accepts everything");
    let mut put = |name: &str, value: &str| {
        writeln!(out, "    {name} {value}").expect("a String accepts everything");
    };
    match record.trace_id.as_deref() {
        Some(trace) => assert_eq!(trace, TRACE),
        None => put("no", "trace"),
    }
    if let Some(name) = &record.span_name {
        put("in", name);
    }
    if let Some(moment) = record.moment {
        match record.span_times {
            Some(times) => {
                assert_eq!(times.duration, record.duration);
                put(
                    "moment",
                    &format!("{moment:?} from {}", time_of_day(times.start)),
                );
            }
            None => put("moment", &format!("{moment:?}")),
        }
    }
    if let Some(parent) = &record.parent_span_id {
        put("parent", parent);
    }
    if let Some(duration) = record.duration {
        put("took", &duration.as_nanos().to_string());
    }
    if let Some(ErrorDetails {
        message,
        kind,
        stack,
        causes,
    }) = &record.error
    {
        put(
            "error",
            &format!("{}: {}", or_absent(kind), or_absent(message)),
        );
        for cause in causes {
            put("cause", cause);
        }
        if let Some(stack) = stack {
            let mut lines = stack.lines();
            let first = lines.next().unwrap_or_default();
            let last = lines.next_back().unwrap_or_default();
            put("stack", &format!("{} … {}", quoted(first), quoted(last)));
        }
    }
    out
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is valid JSON")
}

/// Writes a time of the day of the samples, with nanoseconds.
fn time_of_day(time: Option<i64>) -> String {
    let Some(time) = time else {
        return "-".to_owned();
    };
    let (second, nanos) = ((time - DAY) / 1_000_000_000, (time - DAY) % 1_000_000_000);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("{hour:02}:{minute:02}:{:02}.{nanos:09}", second % 60)
}
