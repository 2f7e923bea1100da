//! Tests of searches in a period, by the times in indexes.

use flate2::{Compression, write::GzEncoder};
use log_files::trace_index::{IndexBuilder, write_sidecar};
use proptest::{prelude::*, sample::select};
use std::{
    fs::{self, File},
    io::Write as _,
    ops::RangeInclusive,
    path::Path,
};
use tempfile::TempDir;
use tracegrep::{
    Field, Found, Keys, Order, Outcome, Part, Reader, Search, Tree, json, write_indexes,
};

const SECOND: i64 = 1_000_000_000;
const START: i64 = 1_795_967_300;
const IDS: [&str; 3] = [
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "0af7651916cd43dd8448eb211c80319c",
    "cccccccccccccccccccccccccccccccc",
];

fn gzip(text: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text.as_bytes()).expect("in memory");
    out.finish().expect("in memory")
}

/// The path of an archive in a folder.
fn path(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("app.log.1.gz")
}

/// Writes these gzip members, and an index that says that they have these texts.
fn write_members(path: &Path, members: &[Vec<u8>], texts: &[String]) {
    fs::write(path, members.concat()).expect("writable");
    let lengths = members.iter().map(Vec::len);
    write_index(path, texts.iter().zip(lengths));
}

/// Writes an index of blocks with these texts, which are gzip members of these lengths, or no members if these are 0.
fn write_index<'t>(path: &Path, blocks: impl Iterator<Item = (&'t String, usize)>) {
    let mut builder = IndexBuilder::new();
    for (text, length) in blocks {
        builder.add(text.as_bytes());
        builder.end_block(text.as_bytes(), length);
    }
    let file = File::open(path).expect("readable");
    let index = builder.finish(&file).expect("readable").expect("short");
    write_sidecar(path, &file, &index).expect("writable");
}

/// The range that an index has for one block of lines.
fn indexed_times(lines: &[u8]) -> Option<RangeInclusive<i64>> {
    let mut builder = IndexBuilder::new();
    builder.add(lines);
    builder.end_block(lines, 0);
    let file = File::open(env!("CARGO_MANIFEST_PATH")).expect("readable");
    let index = builder.finish(&file).expect("readable").expect("short");
    index.blocks()[0].times().cloned()
}

fn line(second: i64, level: &str, id: &str) -> String {
    let time = (START + second) * 1_000;
    format!("{{\"time\":{time},\"level\":\"{level}\",\"message\":\"m\",\"trace_id\":\"{id}\"}}\n")
}

fn lines_of(found: &Found) -> String {
    match &found.outcome {
        Outcome::Nothing => "nothing".to_owned(),
        Outcome::Trace(trace) => json(&Tree::of(trace)).to_string(),
        Outcome::Several(traces) => format!("{traces:?}"),
    }
}

/// A period in seconds after the start.
type Period = (Option<i64>, Option<i64>);

fn search(folder: &TempDir, (since, until): Period) -> Search {
    let mut search = Search::new().with_path(folder.path());
    if let Some(since) = since {
        search = search.with_since((START + since) * SECOND);
    }
    if let Some(until) = until {
        search = search.with_until((START + until) * SECOND);
    }
    search
}

/// The traces of a period and how many lines each has.
fn counted(search: Search) -> Vec<(String, usize)> {
    let top = search.find_top(Order::Lines, 10, &[]);
    let traces = top.traces.iter();
    traces
        .map(|trace| (trace.id.to_string(), trace.lines))
        .collect()
}

/// What each kind of search finds that an index can make shorter.
fn all_found(folder: &TempDir, period: Period) -> [String; 3] {
    let new = || search(folder, period);
    let field: Field = "message=m".parse().expect("a field");
    let mut counted = counted(new());
    counted.sort();
    let newest = new().find_newest_error(|_| true);
    [
        format!("{counted:?}"),
        format!("{} {}", lines_of(&newest), newest.lines_outside_period),
        lines_of(&new().find_with_fields(&[field])),
    ]
}

/// Texts of members of an object, some of which change which time the line has.
fn member() -> impl Strategy<Value = String> {
    let key = select(
        &[
            "time",
            "@timestamp",
            "timestamp",
            "ts",
            "Time",
            "t_s",
            "date",
            "t",
            "l",
            "m",
            "created",
            "message",
            "msg",
            "event",
            "log",
            "line",
            "level",
            "log.level",
            "status",
            "fields",
            "fields.time",
            "fields.message",
            "kvs",
            "kvs.ts",
            "diags",
            "spans",
            "span",
            "msec",
            "request_time",
            "nanoseconds",
            "loggerName",
            "kvpList",
            "instant",
            "instant.epochSecond",
            "instant.nanoOfSecond",
            "timestampSeconds",
            "timestampNanos",
            "Scopes",
            "LogLevel",
            "stream",
            "attrs",
            "record",
            "time.timestamp",
            "v",
            "target",
            "pid",
            "hostname",
            "operation_Id",
            "itemType",
            "",
            "_",
            "\\u0074ime",
            "dd.trace_id",
        ][..],
    );
    let value = select(
        &[
            "1795967309",
            "1795967309000",
            "1795967308.250",
            "\"1795967308.250\"",
            "\"0.250\"",
            "\"2026-11-29T15:48:29Z\"",
            "\"2026-11-29T16:48:28.5+01:00\"",
            "\"INFO\"",
            "30",
            "5",
            "\"2026-11-29 15:48:29\"",
            "\"2026-11-29T15:48:20Z ERROR text\"",
            "null",
            "x",
            "",
            "\"text\"",
            "\"\\x41 \\ud83d\"",
            "{\"time\":1795967301}",
            "{\"message\":\"m\"}",
            "{\"a\":1}",
            "{\"@timestamp\":1795967301}",
            "[{\"@timestamp\":1795967301}]",
            "[]",
            "\"stdout\"",
            "{\"epochSecond\":1795967301,\"nanoOfSecond\":1}",
            "1795967301",
            "0.25",
            "\"{\\\"time\\\":1795967301,\\\"level\\\":\\\"INFO\\\",\\\"msg\\\":\\\"m\\\"}\"",
        ][..],
    );
    let pair = (key, value).prop_map(|(key, value)| format!("\"{key}\":{value}"));
    // What some loggers write together.
    let group = select(
        &[
            r#""loggerName":"a","nanoseconds":500"#,
            r#""loggerName":"a","kvpList":[{"@timestamp":1795967301}]"#,
            r#""instant":{"epochSecond":1795967301,"nanoOfSecond":1}"#,
            r#""instant.epochSecond":1795967301,"instant.nanoOfSecond":1"#,
            r#""timestampSeconds":1795967301,"timestampNanos":1"#,
            r#""LogLevel":"INFO","Scopes":[{"@timestamp":1795967301}]"#,
            r#""request_time":0.25,"msec":1795967308.250"#,
            r#""fields":{"message":"m","@timestamp":1795967301}"#,
            r#""fields.message":"m","fields.@timestamp":1795967301"#,
            r#""kvs":{"@timestamp":1795967301}"#,
            r#""kvs.@timestamp":1795967301"#,
            r#""stream":"stdout","log":"m""#,
            r#""message":"{\"time\":1795967301,\"level\":\"INFO\",\"msg\":\"m\"}","level":{"a":1}"#,
            r#""t":1795967301,"l":"INFO","m":"m""#,
            r#""operation_Id":"a","itemType":"request""#,
        ][..],
    );
    prop_oneof![3 => pair, 1 => group.prop_map(str::to_owned)]
}

/// The first members of the lines of most loggers.
fn start() -> impl Strategy<Value = String> {
    let starts = [
        r#""timestamp":"2026-11-29T15:48:25.000000Z","level":"INFO""#,
        r#""@timestamp":"2026-11-29T15:48:25Z","log.level":"INFO""#,
        r#""timestamp":"2026-11-29T16:48:25+01:00","status":"info""#,
        r#""time":"2026-11-29T15:48:25Z","severity":"INFO""#,
        r#""level":30,"time":1795967305000"#,
    ];
    select(starts.to_vec()).prop_map(str::to_owned)
}

/// What is written over some bytes of a damaged line.
fn damage() -> impl Strategy<Value = (prop::sample::Index, usize, &'static str)> {
    let pieces = [
        "",
        "",
        "\"",
        "\"",
        ",",
        ":",
        "{",
        "}",
        "[",
        "]",
        "\\",
        "_",
        "-",
        " ",
        "\t",
        "\r",
        "T",
        "é",
        "\"\"",
        "\":",
        "\"time\":1795967301",
        "{\"time\":1795967301,\"level\":\"INFO\",",
    ];
    (
        any::<prop::sample::Index>(),
        0_usize..4,
        select(pieces.to_vec()),
    )
}

/// A text of one or more lines.
fn text() -> impl Strategy<Value = String> {
    let usual = (0_i64..9, select(&["INFO", "ERROR"][..]), select(&IDS[..]));
    let usual = usual.prop_map(|(second, level, id)| line(second, level, id));
    let id = IDS[0];
    let others = [
        format!("2026-11-29T15:48:2{}Z ERROR message=m trace_id={id}\n", 2),
        format!("{{\"level\":\"ERROR\",\"message\":\"m\",\"trace_id\":\"{id}\"}}\n"),
        format!(
            "{{\"time\":1795967303,\"message\":\"2026-11-29T15:48:29Z ERROR x trace_id={id}\"}}\n"
        ),
        "\tat somewhere\n".to_owned(),
        "\n".to_owned(),
    ];
    prop_oneof![9 => usual, 1 => select(others.to_vec())]
}

#[test]
fn the_times_in_an_index_contain_the_time_of_each_line_of_all_loggers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loggers/samples");
    let reader = Reader::new();
    let mut certain = 0;
    for file in fs::read_dir(folder).expect("readable") {
        let file = fs::read(file.expect("an entry").path()).expect("readable");
        for line in file.split(|byte| *byte == b'\n') {
            if let Some(times) = indexed_times(line) {
                let text = String::from_utf8_lossy(line);
                let time = reader.read(line).time.expect("a time");
                assert!(times.contains(&time), "{text}");
                certain += 1;
            }
        }
    }
    assert!(certain > 100, "only {certain} lines have a certain time");
}

#[test]
fn parts_outside_of_the_period_are_not_read() {
    let texts = [
        line(1, "ERROR", IDS[0]),
        line(3, "ERROR", IDS[1]),
        line(5, "ERROR", IDS[2]),
    ];
    // The first and the last part were changed, and have lines of the period now. If one of them were read, this would be noticed, and they
    // would be found.
    let changed = gzip(&line(3, "ERROR", IDS[2]));
    let members = [changed.clone(), gzip(&texts[1]), changed];
    let folder = TempDir::new().expect("a folder");
    write_members(&path(&folder), &members, &texts);
    let middle = || search(&folder, (Some(2), Some(5)));
    assert_eq!(counted(middle()), [(IDS[1].to_owned(), 1)]);
    let newest = middle().find_newest_error(|_| true);
    assert!(matches!(newest.outcome, Outcome::Trace(trace) if trace.id().to_string() == IDS[1]));
    let field: Field = "message=m".parse().expect("a field");
    let with_field = middle().find_with_fields(&[field]);
    assert!(
        matches!(with_field.outcome, Outcome::Trace(trace) if trace.id().to_string() == IDS[1])
    );
    // Without a period, the whole file is read.
    let all = counted(search(&folder, (None, None)));
    assert_eq!(all.iter().map(|(_, lines)| lines).sum::<usize>(), 3);
}

#[test]
fn a_file_of_one_gzip_member_is_read_up_to_the_last_part_in_the_period() {
    let texts = [line(1, "ERROR", IDS[0]), line(3, "ERROR", IDS[1])];
    // The second part was changed, as above.
    let contents = gzip(&(texts[0].clone() + &line(1, "ERROR", IDS[2])));
    let folder = TempDir::new().expect("a folder");
    fs::write(path(&folder), contents).expect("writable");
    write_index(&path(&folder), texts.iter().map(|text| (text, 0)));
    let first = counted(search(&folder, (None, Some(3))));
    assert_eq!(first, [(IDS[0].to_owned(), 1)]);
    // No part of it is in this period.
    assert_eq!(counted(search(&folder, (Some(4), None))), []);
    let all = counted(search(&folder, (None, Some(4))));
    assert_eq!(all.len(), 2, "{all:?}");
}

#[test]
fn no_older_part_is_read_for_the_newest_error() {
    let texts = [line(3, "ERROR", IDS[0]), line(5, "ERROR", IDS[1])];
    // The older part was changed, and has a newer error now.
    let first = gzip(&line(9, "ERROR", IDS[0]));
    let folder = TempDir::new().expect("a folder");
    write_members(&path(&folder), &[first, gzip(&texts[1])], &texts);
    let found = search(&folder, (None, None)).find_newest_error(|_| true);
    assert!(matches!(found.outcome, Outcome::Trace(trace) if trace.id().to_string() == IDS[1]));
}

#[test]
fn of_errors_at_the_same_time_the_one_in_the_last_file_is_the_newest() {
    let folder = TempDir::new().expect("a folder");
    for (name, id) in ["a.log", "b.log", "c.log"].iter().zip(IDS) {
        fs::write(folder.path().join(name), line(1, "ERROR", id)).expect("writable");
    }
    let found = search(&folder, (None, None)).find_newest_error(|_| true);
    assert!(matches!(found.outcome, Outcome::Trace(trace) if trace.id().to_string() == IDS[2]));
}

#[test]
fn no_line_counts_twice_if_a_later_part_is_damaged() {
    let texts = [0, 1, 2, 3].map(|second| line(second, "ERROR", IDS[0]));
    let mut members = texts.clone().map(|text| gzip(&text));
    let folder = TempDir::new().expect("a folder");
    members[2] = gzip(&texts[2].replace("ERROR", "x"));
    write_members(&path(&folder), &members, &texts);
    let found = counted(search(&folder, (Some(1), None)));
    assert_eq!(found, [(IDS[0].to_owned(), 3)]);
}

#[test]
fn a_time_under_a_key_of_the_user_counts_in_a_file_with_an_index() {
    let folder = TempDir::new().expect("a folder");
    let own = line(1, "ERROR", IDS[0]).replace('}', &format!(",\"own\":{}}}", START + 7));
    let texts = [own, line(3, "ERROR", IDS[1])];
    let members = texts.clone().map(|text| gzip(&text));
    write_members(&path(&folder), &members, &texts);
    let search = |period| {
        let keys = Keys::new().with(Part::Time, "own");
        search(&folder, period).with_keys(keys)
    };
    assert_eq!(counted(search((Some(6), None))), [(IDS[0].to_owned(), 1)]);
    for period in [(Some(6), None), (None, None)] {
        let newest = search(period).find_newest_error(|_| true);
        assert!(
            matches!(newest.outcome, Outcome::Trace(trace) if trace.id().to_string() == IDS[0])
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_times_in_an_index_contain_the_time_that_is_read(
        members in prop::collection::vec(member(), 0..5),
        time in select(&["\"2026-11-29T15:48:25Z\"", "1795967305000"][..]),
        key in select(&["timestamp", "time", "ts", "@timestamp"][..]),
        (at, level) in (0_usize..4, any::<bool>()),
    ) {
        let mut members = members;
        if level {
            members.push(r#""level":"INFO""#.to_owned());
        }
        members.insert(at.min(members.len()), format!("\"{key}\":{time}"));
        let line = format!("{{{}}}", members.join(","));
        if let Some(times) = indexed_times(line.as_bytes()) {
            let time = Reader::new().read(line.as_bytes()).time;
            prop_assert!(time.is_some_and(|time| times.contains(&time)), "{} {:?}", line, time);
        }
    }

    #[test]
    fn the_times_in_an_index_contain_the_time_that_is_read_from_a_damaged_line(
        start in start(),
        members in prop::collection::vec(member(), 0..5),
        damages in prop::collection::vec(damage(), 0..4),
        is_cut_off in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut line: Vec<char> = format!("{{{},{}}}", start, members.join(",")).chars().collect();
        for (index, length, piece) in damages {
            let at = index.index(line.len());
            let end = line.len().min(at + length);
            line.splice(at..end, piece.chars());
        }
        if let Some(index) = is_cut_off {
            line.truncate(index.index(line.len()));
        }
        let line: String = line.into_iter().collect();
        if let Some(times) = indexed_times(line.as_bytes()) {
            let time = Reader::new().read(line.as_bytes()).time;
            prop_assert!(time.is_some_and(|time| times.contains(&time)), "{} {:?}", line, time);
        }
    }

    #[test]
    fn a_search_in_a_period_finds_the_same_with_and_without_indexes(
        blocks in prop::collection::vec(prop::collection::vec(text(), 1..4), 1..6),
        current in prop::collection::vec(text(), 0..3),
        is_sorted: bool,
        is_of_members: bool,
        period in (prop::option::of(0_i64..9), prop::option::of(0_i64..9)),
    ) {
        let mut blocks: Vec<String> = blocks.iter().map(|lines| lines.concat()).collect();
        if is_sorted {
            blocks.sort();
        }
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("app.log"), current.concat()).expect("writable");
        let members: Vec<Vec<u8>> = match is_of_members {
            true => blocks.iter().map(|block| gzip(block)).collect(),
            false => vec![gzip(&blocks.concat())],
        };
        fs::write(path(&folder), members.concat()).expect("writable");
        let expected = all_found(&folder, period);
        match is_of_members {
            true => write_members(&path(&folder), &members, &blocks),
            false => prop_assert_eq!(write_indexes(&[path(&folder)]).written.len(), 1),
        }
        prop_assert_eq!(all_found(&folder, period), expected);
    }
}
