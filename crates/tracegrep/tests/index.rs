//! Tests of `tracegrep --index`, and of searches by the indexes that it writes.

use flate2::{Compression, write::GzEncoder};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;
use tracegrep::{Search, json, write_indexes};

const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const ABSENT: &str = "0af7651916cd43dd8448eb211c80319c";

fn gzip(text: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text.as_bytes()).expect("in memory");
    out.finish().expect("in memory")
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("writable");
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracegrep"));
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::null()).output().expect("it starts")
}

/// The exit code, and what was printed to standard output and standard error.
fn ended(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn indexes(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("readable");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let is_index = |path: &PathBuf| path.extension().is_some_and(|end| end == "trace-index");
    paths.filter(is_index).collect()
}

/// Two megabytes of lines, of which three have the id in different forms.
fn long_text() -> String {
    let mut text = String::new();
    for number in 0..20_000 {
        let message = match number {
            7 => format!("trace_id={ID}\n\tat shop.Cart"),
            10_000 => "dd.trace_id=11803532876627986230".to_owned(),
            19_999 => format!("00-{}-00f067aa0ba902b7-01", ID.to_uppercase()),
            _ => format!("trace_id={:032x}", (u128::MAX / 20_000) * number),
        };
        let time = format!(
            "2026-11-29T16:00:{:02}.{:03}Z",
            number / 1_000,
            number % 1_000
        );
        text.push_str(&format!("{time} INFO request of a customer: {message}\n"));
    }
    text
}

fn found(folder: &Path, id: &str) -> String {
    let found = Search::new()
        .with_path(folder)
        .find(&id.parse().expect("an id"));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    match found.outcome {
        tracegrep::Outcome::Trace(trace) => json(&tracegrep::Tree::of(&trace)).to_string(),
        _ => "nothing".to_owned(),
    }
}

#[test]
fn a_search_finds_the_same_with_and_without_indexes() {
    let text = long_text();
    let docker = text.lines().map(|line| {
        let log = format!("{line}\n");
        serde_json::json!({"log": log, "stream": "stdout", "time": "2026-11-29T16:00:00Z"})
    });
    let docker: String = docker.map(|line| format!("{line}\n")).collect();
    let folder = folder(&[
        ("app.log", b"2026-11-29T16:00:00Z INFO ready\n"),
        ("app.log.1.gz", &gzip(&text)),
        ("docker.log.1.gz", &gzip(&docker)),
    ]);
    let ids = [ID, &ID[..9], ABSENT, "11803532876627986230"];
    let before = ids.map(|id| found(folder.path(), id));
    let indexed = write_indexes(&[folder.path().to_owned()]);
    assert!(indexed.problems.is_empty(), "{:?}", indexed.problems);
    assert_eq!((indexed.written.len(), indexed.existing.len()), (2, 0));
    assert_eq!(ids.map(|id| found(folder.path(), id)), before);
}

#[test]
fn an_index_is_written_once_and_removed_after_its_file() {
    let folder = folder(&[("app.log.1.gz", &gzip(ID)), ("app.log", b"plain\n")]);
    let nothing = (Some(0), String::new(), String::new());
    assert_eq!(ended(&run(folder.path(), &["--index", "."])), nothing);
    let first = indexes(folder.path());
    assert_eq!(first.len(), 1);
    fs::rename(
        folder.path().join("app.log.1.gz"),
        folder.path().join("app.log.2.gz"),
    )
    .expect("rotated");
    let again = write_indexes(&[folder.path().join("app.log")]);
    assert_eq!((again.written.len(), again.existing.len()), (0, 1));
    fs::remove_file(folder.path().join("app.log.2.gz")).expect("removed");
    assert_eq!(ended(&run(folder.path(), &["--index", "app.log"])), nothing);
    assert_eq!(indexes(folder.path()), <[PathBuf; 0]>::default());
}

#[test]
fn a_file_that_cannot_be_indexed_is_an_error_and_the_others_are_indexed() {
    let (first, second) = (gzip(&format!("{ID}\n")), gzip("second\n"));
    let folder = folder(&[("a.log.gz", &first)]);
    assert_eq!(write_indexes(&[folder.path().to_owned()]).written.len(), 1);
    // A folder in the place of the index.
    let index = indexes(folder.path()).remove(0);
    fs::remove_file(&index).expect("removed");
    fs::create_dir_all(index.join("full")).expect("a folder");
    fs::write(folder.path().join("b.log.gz"), second).expect("writable");
    fs::write(folder.path().join("torn.log.gz"), &first[..first.len() - 3]).expect("writable");
    let (code, out, errors) = ended(&run(folder.path(), &["--index", "."]));
    assert_eq!((code, &*out), (Some(2), ""));
    let lines: Vec<&str> = errors.lines().collect();
    assert!(lines[0].starts_with("tracegrep: a.log.gz: its index cannot be written: "));
    assert!(lines[1].starts_with("tracegrep: torn.log.gz: the compressed file is truncated"));
    assert_eq!((lines.len(), indexes(folder.path()).len()), (2, 2));
    let output = run(folder.path(), &[ID, "a.log.gz"]);
    assert_eq!(ended(&output), (Some(0), format!("{ID}\n"), String::new()));
}

#[test]
fn files_have_to_be_named() {
    let folder = folder(&[]);
    for arguments in [&["--index"][..], &["--index", "-"]] {
        let (code, _, errors) = ended(&run(folder.path(), arguments));
        assert_eq!(code, Some(2));
        assert!(
            errors.contains("--index needs files or folders"),
            "{errors}"
        );
    }
    let (code, _, errors) = ended(&run(folder.path(), &["--index", "missing.log"]));
    assert_eq!(
        (code, &*errors),
        (Some(2), "tracegrep: missing.log: there is no such file\n")
    );
}

#[test]
fn a_line_that_is_too_long_is_named_as_the_reason() {
    let folder = folder(&[("a.log.gz", &gzip(&"x".repeat(5 << 20)))]);
    let (code, _, errors) = ended(&run(folder.path(), &["--index", "."]));
    assert_eq!(code, Some(2));
    assert!(
        errors.contains("a.log.gz: is not indexed, because it has a line of several megabytes")
    );
}
