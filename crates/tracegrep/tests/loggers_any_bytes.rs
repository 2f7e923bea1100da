//! Reads lines that no logger has written.

use proptest::prelude::*;
use std::{fs, path::Path, sync::LazyLock};
use tracegrep::{Level, Reader, Record};

/// The lines of all samples.
static LINES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loggers/samples");
    let files = fs::read_dir(folder).expect("the folder is there");
    let files = files.map(|file| fs::read(file.expect("an entry").path()).expect("readable"));
    let lines = files.flat_map(|file| {
        let lines = file.split(|byte| *byte == b'\n');
        lines.map(<[u8]>::to_vec).collect::<Vec<_>>()
    });
    lines.collect()
});

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Reader::new().read(&line);
        let _ = Reader::new().read_stored(&line, &line);
    }

    #[test]
    fn any_text_is_read_without_a_panic(line in "[ \\[\\]{}():=,.\"'\\\\+-9TZaéINFO\u{1b}\u{feff}\t]{0,80}") {
        let _ = Reader::new().read(line.as_bytes());
    }

    #[test]
    fn a_text_with_a_time_and_anything_after_it_is_read_without_a_panic(
        separator in "[ \\[\\]|:]{0,3}",
        rest in "[ \\[\\]{}():=,.\"\\\\a1é-]{0,60}",
    ) {
        let line = format!("{separator}2026-11-29T15:47:54Z{separator}INFO{separator}{rest}");
        let _ = Reader::new().read(line.as_bytes());
    }

    #[test]
    fn damaged_lines_of_loggers_are_read_without_a_panic(
        index in any::<prop::sample::Index>(),
        from in 0..40_usize,
        length in 0..20_000_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let line = index.get(&LINES[..]);
        let mut line: Vec<u8> = line.iter().skip(from).take(length).copied().collect();
        for (at, byte) in changes {
            if !line.is_empty() {
                let at = at.index(line.len());
                line[at] = byte;
            }
        }
        let _ = Reader::new().read(&line);
    }
}

#[test]
fn a_value_with_deep_nesting_is_left_out() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let line = format!(
            r#"{{"level":"info","a":{}1{}}}"#,
            open.repeat(100_000),
            close.repeat(100_000)
        );
        let record = Reader::new().read(line.as_bytes());
        let level = Some(Level::Info);
        assert_eq!(
            record,
            Record {
                level,
                ..Record::default()
            }
        );
    }
}

#[test]
fn the_members_of_deep_objects_do_not_multiply_their_names() {
    // Each member has a name of 500 bytes, and there are 40,000. Joined with the names around them, they would take 100 MB.
    let name = "n".repeat(500);
    let inner: Vec<String> = (0..40_000)
        .map(|number| format!(r#""{number}":1"#))
        .collect();
    let line = format!(
        r#"{{"level":"info","{name}":{{"{name}":{{"{name}":{{"{name}":{{"{name}":{{{}}}}}}}}}}}}}"#,
        inner.join(",")
    );
    let record = Reader::new().read(line.as_bytes());
    let names: usize = record.fields.iter().map(|(name, _)| name.len()).sum();
    assert!(names < 1_000, "{names} bytes");
}

#[test]
fn lines_of_a_mebibyte_are_read() {
    let mebibyte = 1 << 20;
    let head = "2026-11-29T15:47:54Z INFO ";
    let times = |text: &str| text.repeat(mebibyte / text.len());
    let members: Vec<String> = (0..80_000)
        .map(|number| format!(r#""k{number}":1"#))
        .collect();
    let spans = times(r#"{"name":"a","b":1},"#);
    for line in [
        times("a=1 "),
        times("a=\"b "),
        times("a=[ "),
        times("[a] "),
        times("[a=1] "),
        times("{a=1}:"),
        times("a{b=1}:"),
        times("\u{1b}[1m"),
        times("trace_id.fields."),
        times("é"),
        times("1"),
        times("\"{"),
        times("trace_id: 4b "),
        times("{\"a\":\"\\x"),
        times("\\ud83d"),
        times("2026-11-29T15:47:54Z\tINFO\t"),
        format!("<11>1 - - - - - {}", times("[x a=\"b\"]")),
        format!("I1129 16:00:00.000000 1 a:1] {}", times("\"a\" ")),
        format!("level=info msg=a {}", times("b=\"")),
        format!(r#"{{"log":"{}"}}"#, times("level=info ")),
        times("{\""),
        format!(r#"{{"{}":1,"level":"info"}}"#, times("fields.")),
        format!(r#"{{"level":"info","message":"{}"}}"#, times("x")),
        format!(r#"{{"level":"info",{}}}"#, members.join(",")),
        format!(r#"{{"target":"t","spans":[{}0]}}"#, spans),
        format!(r#"{{"error":"{}"}}"#, times("Caused by: E: x\\n")),
        format!(
            r#"{{"error":"{}"}}"#,
            times("Traceback (most recent call last):\\n")
        ),
        format!(
            r#"{{"loggerName":"l","timestamp":1,"message":"{}","arguments":[]}}"#,
            times("{}")
        ),
    ] {
        for line in [line.clone(), format!("{head}app: {line}")] {
            let _ = Reader::new().read(line.as_bytes());
        }
    }
}
