//! Lines of tests. Each has a number, by which it is counted on a server.

use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A line as this project writes it, with an id of its own.
pub(crate) fn own(number: u64) -> String {
    own_at(number, Timestamp::now())
}

pub(crate) fn own_at(number: u64, time: Timestamp) -> String {
    let uid = uid();
    format!(
        "{{\"timestamp\":\"{time:.6}\",\"level\":\"INFO\",\"message\":\"n={number};\",\"trace_id\":\"{number:032x}\",\
         \"span_id\":\"{number:016x}\",\"trace_flags\":\"01\",\"log.record.uid\":\"{uid}\",\"service.name\":\"orders\"}}\n"
    )
}

/// A JSON line of another logger, with a time in milliseconds and without an id.
pub(crate) fn other(number: u64) -> String {
    other_at(number, Timestamp::now())
}

pub(crate) fn other_at(number: u64, time: Timestamp) -> String {
    format!(
        "{{\"ts\":\"{time:.3}\",\"level\":\"info\",\"msg\":\"n={number}; served a request\"}}\n"
    )
}

/// A line without a time.
pub(crate) fn text(number: u64) -> String {
    format!("the job with n={number}; is done\n")
}

pub(crate) fn many(line: impl Fn(u64) -> String, numbers: impl IntoIterator<Item = u64>) -> String {
    numbers.into_iter().map(line).collect()
}

pub(crate) fn ago(seconds: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_secs(seconds)
}

/// Returns the number of a line, as a server has stored it.
pub(crate) fn number_of(stored: &str) -> Option<u64> {
    let (_, rest) = stored.split_once("n=")?;
    rest.split_once(';')?.0.parse().ok()
}

/// An id with the shape of a ULID.
fn uid() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let time = Timestamp::now().as_millisecond();
    let (process, number) = (std::process::id(), NEXT.fetch_add(1, Relaxed));
    format!("{time:012X}{process:06X}{number:08X}")
}
