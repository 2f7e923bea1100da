//! Inputs that are larger than any memory that a search may take.
#![cfg(target_os = "linux")]

mod support;

use flate2::{Compression, GzBuilder};
use std::{
    fs,
    io::{self, Read as _, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use support::TRACE;
use tempfile::TempDir;

/// What a search may take, in KiB.
const MEMORY: u64 = 64 * 1024;

/// What the program printed, with the most memory that it had, in KiB.
struct Ended {
    stdout: Vec<u8>,
    code: Option<i32>,
    memory: u64,
}

/// Starts the program, with few files that it may have open.
fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_tracegrep"))
        .arg(TRACE)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command.spawn().expect("it starts")
}

fn end(mut child: Child, input: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send) -> Ended {
    let status = format!("/proc/{}/status", child.id());
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut stdout = child.stdout.take().expect("a pipe");
    thread::scope(|scope| {
        scope.spawn(move || input(&mut stdin).expect("all is read"));
        let output = scope.spawn(move || {
            let mut output = Vec::new();
            stdout.read_to_end(&mut output).expect("it is read");
            output
        });
        let mut memory = 0;
        let ended = loop {
            if let Some(status) = child.try_wait().expect("it can be awaited") {
                break status;
            }
            memory = fs::read_to_string(&status)
                .ok()
                .and_then(|text| high_water_mark(&text))
                .unwrap_or(memory);
            thread::sleep(Duration::from_millis(5));
        };
        Ended {
            stdout: output.join().expect("no panic"),
            code: ended.code(),
            memory,
        }
    })
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Writes so many MiB of one byte.
fn mebibytes(count: usize, byte: u8, out: &mut dyn Write) -> io::Result<()> {
    let mebibyte = vec![byte; 1 << 20];
    (0..count).try_for_each(|_| out.write_all(&mebibyte))
}

#[test]
#[ignore = "takes minutes without optimization"]
fn one_line_of_a_gibibyte_is_searched_in_64_mib_of_memory() {
    let folder = TempDir::new().expect("a folder");
    let ended = end(start(folder.path(), &["-"]), |out| {
        mebibytes(1024, b'x', out)?;
        writeln!(out, " trace_id={TRACE}")?;
        writeln!(out, "short trace_id={TRACE}")
    });
    assert_eq!(ended.code, Some(0));
    assert!(ended.memory < MEMORY, "{} KiB", ended.memory);
    assert!(
        ended
            .stdout
            .ends_with(format!("\nshort trace_id={TRACE}\n").as_bytes())
    );
    assert!(ended.stdout.len() < 1 << 20, "{}", ended.stdout.len());
}

#[test]
#[ignore = "takes minutes without optimization"]
fn gzip_bombs_are_searched_in_64_mib_of_memory() {
    let folder = TempDir::new().expect("a folder");
    for (name, byte) in [
        ("line.log.gz", b'x'),
        ("lines.log.gz", b'\n'),
        ("zeros.log.gz", 0),
    ] {
        let file = fs::File::create(folder.path().join(name)).expect("a file");
        let mut out = GzBuilder::new().write(file, Compression::fast());
        writeln!(out, "first trace_id={TRACE}").expect("written");
        mebibytes(256, byte, &mut out).expect("written");
        writeln!(out, "\nlast trace_id={TRACE}").expect("written");
        out.finish().expect("written");
    }
    let ended = end(start(folder.path(), &["."]), |_| Ok(()));
    assert!(ended.memory < MEMORY, "{} KiB", ended.memory);
    let text = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(text.matches("first ").count(), 3, "{:?}", ended.code);
    assert_eq!(text.matches("last ").count(), 3, "{:?}", ended.code);
}

#[test]
fn lines_of_many_fields_are_read_in_64_mib_of_memory() {
    let folder = TempDir::new().expect("a folder");
    for (name, member) in [("text.log", "a=1 "), ("json.log", "\"a\":1,")] {
        let members = member.repeat((4 << 20) / member.len() - 40);
        let line = match name {
            "json.log" => format!("{{{members}\"trace_id\":\"{TRACE}\"}}\n"),
            _ => format!("2026-11-29T16:00:00Z INFO trace_id={TRACE} {members}\n"),
        };
        fs::write(folder.path().join(name), line).expect("written");
        let ended = end(start(folder.path(), &[name]), |_| Ok(()));
        assert_eq!(ended.code, Some(0));
        assert!(ended.memory < MEMORY, "{name}: {} KiB", ended.memory);
    }
}

#[test]
#[ignore = "takes minutes without optimization"]
fn a_hundred_thousand_files_are_searched_with_few_files_open() {
    let folder = TempDir::new().expect("a folder");
    for number in 0..100_000 {
        let folder = folder.path().join(format!("{}", number / 1_000));
        if number % 1_000 == 0 {
            fs::create_dir(&folder).expect("a folder");
        }
        let text = match number {
            77_777 => format!("here trace_id={TRACE}\n"),
            _ => "nothing\n".to_owned(),
        };
        fs::write(folder.join(format!("{number}.log")), text).expect("written");
    }
    let ended = end(start(folder.path(), &["."]), |_| Ok(()));
    assert_eq!(
        String::from_utf8_lossy(&ended.stdout),
        format!("here trace_id={TRACE}\n")
    );
    assert_eq!(ended.code, Some(0));
    assert!(ended.memory < 2 * MEMORY, "{} KiB", ended.memory);
}
