//! Kills a child that writes and rotates, at random moments.

use super::{
    children,
    files::{self, Folder},
};
use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    sync::mpsc,
    thread,
    time::{Duration, SystemTime},
};
use tracing_stamp::writer::{Background, Overflow, RollingFile};
use tracing_subscriber::fmt::MakeWriter as _;

/// Writes numbered lines without end, and prints the number up to which they are flushed.
pub(crate) fn child() {
    let path = env::var("STAMP_TEST_PATH").expect("the path is set");
    let first: u64 = env::var("STAMP_TEST_FIRST")
        .expect("a valid number")
        .parse()
        .expect("a valid number");
    let file = RollingFile::open(path)
        .expect("no other process has the file open")
        .with_max_bytes(20_000);
    #[cfg(feature = "gzip")]
    let file = file.with_gzip().with_trace_index(true);
    let (writer, _guard) = Background::new(file)
        .with_overflow(Overflow::Block {
            limit: super::PATIENCE,
        })
        .start()
        .expect("the thread starts");
    for number in first.. {
        writeln!(
            writer.make_writer(),
            "{{\"number\":{number},\"text\":\"{}\"}}",
            "x".repeat(number as usize % 97)
        )
        .expect("writing to the queue never fails");
        if number % 13 == 0 {
            writer
                .flush(super::PATIENCE)
                .expect("the disk takes all lines");
            eprintln!("{number}");
        }
    }
}

/// Number of kills in one folder.
const KILLS: usize = 30;

#[test]
fn after_a_kill_every_flushed_line_is_present_complete_once_and_in_order() {
    // The longer check sets more.
    let folders = env::var("STAMP_TEST_FOLDERS")
        .map_or(1, |folders| folders.parse().expect("a valid number"));
    for _ in 0..folders {
        kill_repeatedly(&Folder::new());
    }
}

fn kill_repeatedly(folder: &Folder) {
    let mut first = 0;
    let mut torn = 0;
    for round in 0..KILLS {
        let mut child = children::command("crash")
            .env("STAMP_TEST_PATH", folder.current())
            .env("STAMP_TEST_FIRST", first.to_string())
            .spawn()
            .expect("the child starts");
        let stderr = child.stderr.take().expect("standard error is piped");
        let (begin, has_begun) = mpsc::channel();
        let confirmed = thread::spawn(move || {
            let lines = BufReader::new(stderr).lines();
            let numbers = lines.filter_map(|line| line.ok()?.parse::<u64>().ok());
            numbers
                .inspect(|_| {
                    let _ = begin.send(());
                })
                .last()
        });
        // The kill may also hit the child while it starts, but every other time the child has written before.
        if round % 2 == 1 {
            has_begun
                .recv_timeout(super::PATIENCE)
                .expect("the child begins to write");
        }
        thread::sleep(random(Duration::from_millis(120)));
        child.kill().expect("the child is running");
        child.wait().expect("the child has ended");
        let confirmed = confirmed.join().expect("no thread panics");

        let numbers = numbers(folder.path(), &mut torn);
        // The lines of this round begin with `first`, which the previous round has not written.
        let begin = numbers.iter().position(|number| *number == first);
        let of_round = begin.map_or(&[][..], |begin| &numbers[begin..]);
        let expected: Vec<u64> = (first..first + of_round.len() as u64).collect();
        assert_eq!(of_round, expected, "round {round}");
        let last = of_round.last().copied();
        assert!(
            confirmed <= last,
            "round {round}: {confirmed:?} was flushed, and the last line is {last:?}"
        );
        first = last.map_or(first, |last| last + 1);
    }
    assert!(first > 0, "no child has written a line");
    assert!(torn <= KILLS, "each kill cuts off at most one line");
}

/// Returns the numbers in all files, and counts the incomplete lines.
fn numbers(folder: &Path, torn: &mut usize) -> Vec<u64> {
    let mut numbers = Vec::new();
    *torn = 0;
    let files = files::files(folder);
    // While a file is being compressed, it exists twice.
    let is_twice = |file: &Path| {
        let mut compressed = file.as_os_str().to_owned();
        compressed.push(".gz");
        files.iter().any(|other| other.as_os_str() == compressed)
    };
    for file in files.iter().filter(|file| !is_twice(file)) {
        for line in text(file).lines() {
            match serde_json::from_str::<serde_json::Value>(line) {
                Ok(line) => numbers.push(line["number"].as_u64().expect("a valid number")),
                Err(_) => *torn += 1,
            }
        }
    }
    numbers
}

fn text(file: &Path) -> String {
    match file.extension().and_then(|extension| extension.to_str()) {
        #[cfg(feature = "gzip")]
        Some("gz") => {
            let file = fs::File::open(file).expect("the file exists");
            std::io::read_to_string(flate2::read::MultiGzDecoder::new(file))
                .expect("the compressed file is complete")
        }
        // An unfinished compressed file. Its original exists.
        Some("tmp") => String::new(),
        _ => String::from_utf8(fs::read(file).expect("the file exists")).expect("valid UTF-8"),
    }
}

/// Returns a random duration, evenly distributed from zero to the longest.
fn random(longest: Duration) -> Duration {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("the clock is after 1970");
    // Knuth's multiplicative hashing.
    let mixed = u64::from(now.subsec_nanos()).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    Duration::from_nanos(mixed.wrapping_mul(longest.as_nanos() as u64) >> 32)
}
