//! Lines that a server did not accept on their own, and that may still be accepted: they are sent again later, beside the batches.
//!
//! These are lines whose time is in the future, and single lines for which the server's message does not show whether the line or a setting
//! is at fault. Other lines do not wait for them. They are in a file of their own meanwhile, because the cursor moves past them. The next
//! start sends the lines of that file first. A line that is given up is written to the file of rejected lines, and only then counts as
//! rejected.

use super::{
    backoff::in_tests_shorter,
    batch::{Batch, Line},
    record,
    record_file::RecordFile,
    refusals::Fault,
    rejection::Rejection,
};
use log_files::{LineReader, disk};
use std::{
    collections::VecDeque,
    io::{self, BufRead as _, BufReader},
    mem,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Maximum size of all parked lines.
const MAX_BYTES: usize = 8 << 20;
const MAX_REQUESTS: usize = 1_000;
/// How many requests are sent again before the next batch.
const MAX_DUE: usize = 16;
/// The pause between two attempts.
const PAUSE: Duration = in_tests_shorter(Duration::from_secs(15));
/// A line is given up after this many attempts, if the server has accepted other lines between them.
const MAX_ATTEMPTS: u32 = 5;
/// Loki's `creation_grace_period`: how far in the future a line may be.
const GRACE: Duration = Duration::from_secs(600);
/// A line further in the future is rejected.
const MAX_FUTURE: Duration = Duration::from_secs(86_400);

/// Lines that are sent again later, in one request.
#[derive(Debug)]
pub(super) struct Parked {
    batch: Arc<Batch>,
    /// The server's message.
    why: String,
    reason: Reason,
    due: Instant,
    attempts: u32,
    /// How many requests the server had accepted at the last attempt.
    accepted: u64,
    /// Identifies it while a thread sends it.
    number: u64,
    is_being_sent: bool,
}

/// Lines that are to be sent now.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) batch: Arc<Batch>,
    number: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The newest line has this time, in nanoseconds since 1970.
    TooNew(i64),
    /// The server refused the line with this message.
    Words(String),
}

impl Reason {
    pub(super) fn rejection(&self) -> Rejection {
        match self {
            Self::TooNew(_) => Rejection::TooNew,
            Self::Words(_) => Rejection::Unknown,
        }
    }
}

/// What to do with a parked request after an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Wait,
    GiveUp,
}

impl Parked {
    pub(super) fn new<'b>(
        lines: impl IntoIterator<Item = Line<'b>>,
        reason: Reason,
        why: String,
    ) -> Self {
        let due = match reason {
            Reason::TooNew(nanos) => until(nanos).saturating_sub(GRACE).max(PAUSE),
            Reason::Words(_) => PAUSE,
        };
        let mut batch = Batch::default();
        lines.into_iter().for_each(|line| batch.add(line));
        Self {
            batch: Arc::new(batch),
            why,
            reason,
            due: Instant::now() + due,
            attempts: 1,
            accepted: 0,
            number: 0,
            is_being_sent: false,
        }
    }

    /// Decides what to do after another refusal. `accepted` is how many other requests the server has accepted so far.
    fn refused(&mut self, fault: Fault, accepted: u64) -> Next {
        self.due = Instant::now() + PAUSE;
        match self.reason {
            Reason::TooNew(_) if fault != Fault::TooNew => return Next::GiveUp,
            // The server may allow less than Loki does by default. Its clock may be slow too.
            Reason::TooNew(nanos) => {
                self.due += until(nanos);
                self.attempts += 1;
            }
            Reason::Words(_) => {
                // While the server accepts nothing, a setting is at fault.
                self.attempts += u32::from(accepted > self.accepted);
                self.accepted = accepted;
            }
        }
        match self.attempts {
            ..MAX_ATTEMPTS => Next::Wait,
            _ => Next::GiveUp,
        }
    }

    /// Waits after an attempt that says nothing about the lines.
    fn wait(&mut self) {
        self.due = Instant::now() + 2 * PAUSE;
    }

    fn push_records(&self, out: &mut Vec<u8>) {
        let lines = (0..self.batch.len()).filter_map(|index| self.batch.line(index));
        lines.for_each(|line| record::push(out, line, &self.why));
    }
}

/// Returns whether a line of this time is too far in the future to wait for it.
pub(super) fn is_too_far(nanos: i64) -> bool {
    until(nanos) > MAX_FUTURE
}

/// Returns the time until a time that is given in nanoseconds since 1970.
fn until(nanos: i64) -> Duration {
    let time = UNIX_EPOCH + Duration::from_nanos(u64::try_from(nanos).unwrap_or(0));
    time.duration_since(SystemTime::now()).unwrap_or_default()
}

/// All parked lines of a shipper.
#[derive(Debug)]
pub(super) struct ParkedRequests {
    queue: Mutex<Queue>,
    /// The file that has the same lines.
    file: Option<RecordFile>,
    /// Whether lines can be parked. A shipper that ends when all lines are sent does not wait for any.
    is_waiting: bool,
    /// How many requests with other lines the server has accepted.
    accepted: AtomicU64,
}

#[derive(Debug, Default)]
struct Queue {
    requests: VecDeque<Parked>,
    next_number: u64,
    /// Whether the file has lines that do not wait any more.
    is_outdated: bool,
    /// The bytes of the lines that were in the file at the start, until they are delivered or parked again. The file is not replaced before.
    restored: Option<u64>,
    /// Whether the shipper has ended. Another one may use the file.
    is_closed: bool,
}

/// The lines that waited when an earlier shipper ended.
#[derive(Debug, Default)]
pub(super) struct Restored {
    pub(super) batch: Batch,
    /// Records that cannot be sent as they were.
    pub(super) damaged: Vec<u8>,
}

impl ParkedRequests {
    pub(super) fn new(file: RecordFile, is_waiting: bool) -> Self {
        Self {
            file: Some(file),
            is_waiting,
            ..Self::none()
        }
    }

    /// Never has any.
    pub(super) fn none() -> Self {
        Self {
            queue: Mutex::default(),
            file: None,
            is_waiting: false,
            accepted: AtomicU64::new(0),
        }
    }

    /// Reads the lines of the file. They stay in it until [`finish_restore`](Self::finish_restore).
    pub(super) fn restore(&self, reader: &LineReader) -> io::Result<Restored> {
        let mut restored = Restored::default();
        let file = match self.path().map(disk::open_to_read) {
            None => return Ok(restored),
            Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(restored),
            // A link, a pipe or a folder was not created by a shipper, so no line is lost with it. It is replaced.
            Some(Err(error)) if error.kind() == io::ErrorKind::InvalidInput => {
                self.lock().restored = Some(0);
                return Ok(restored);
            }
            Some(file) => file?,
        };
        let (mut records, mut record) = (BufReader::new(file), Vec::new());
        while records.read_until(b'\n', &mut record)? > 0 {
            // The cursor has not moved past the line of a record that was not written completely.
            let is_whole = record.ends_with(b"\n");
            if is_whole && !record::add(&mut restored.batch, &record, reader) {
                restored.damaged.extend_from_slice(&record);
            }
            record.clear();
        }
        self.lock().restored = Some(bytes_of(&restored.batch));
        Ok(restored)
    }

    /// Notes that the lines that were in the file at the start are delivered, or parked again.
    pub(super) fn finish_restore(&self) {
        let mut queue = self.lock();
        queue.is_outdated |= queue.restored.take().is_some();
    }

    /// Returns whether lines can be parked.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Returns the path of the file.
    pub(super) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(RecordFile::path)
    }

    /// Notes that the server has accepted other lines.
    pub(super) fn note_accepted(&self) {
        self.accepted.fetch_add(1, Relaxed);
    }

    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Relaxed)
    }

    /// Returns whether a line was refused with this message, and the server has accepted nothing since.
    pub(super) fn are_refused(&self, words: &str) -> bool {
        let accepted = self.accepted();
        let is_same = |parked: &Parked| {
            parked.accepted == accepted
                && matches!(&parked.reason, Reason::Words(known) if known == words)
        };
        self.lock().requests.iter().any(is_same)
    }

    /// Keeps requests, in the file too. Those for which there is no room are left in the list.
    ///
    /// # Errors
    ///
    /// If the file cannot be written. Then all requests are left in the list.
    pub(super) fn park(&self, requests: &mut Vec<Parked>) -> io::Result<()> {
        let Some(file) = self.file.as_ref().filter(|_| self.is_waiting) else {
            return Ok(());
        };
        let mut queue = self.lock();
        let room = queue.room_for(requests);
        let mut records = Vec::new();
        for parked in requests.iter().take(room) {
            parked.push_records(&mut records);
        }
        if !records.is_empty() {
            file.append_records(records)?;
        }
        for mut parked in requests.drain(..room) {
            parked.accepted = self.accepted();
            parked.number = queue.next_number;
            queue.next_number += 1;
            queue.requests.push_back(parked);
        }
        Ok(())
    }

    /// Returns some of the requests that are due. One of the next three methods is to be called for each of them.
    pub(super) fn take_due(&self) -> Vec<Due> {
        let now = Instant::now();
        let mut queue = self.lock();
        let is_due = |parked: &&mut Parked| parked.due <= now && !parked.is_being_sent;
        let due = queue.requests.iter_mut().filter(is_due).take(MAX_DUE);
        due.map(|parked| {
            parked.is_being_sent = true;
            Due {
                batch: Arc::clone(&parked.batch),
                number: parked.number,
            }
        })
        .collect()
    }

    /// Removes a request that is accepted or given up.
    pub(super) fn remove(&self, due: &Due) {
        let mut queue = self.lock();
        queue.requests.retain(|parked| parked.number != due.number);
        queue.is_outdated = true;
    }

    /// Keeps a request that was refused again, and decides what to do with it.
    pub(super) fn refused(&self, due: &Due, fault: Fault) -> Next {
        let accepted = self.accepted();
        let next = self.put_back(due, |parked| parked.refused(fault, accepted));
        next.unwrap_or(Next::Wait)
    }

    /// Keeps a request after an attempt that says nothing about its lines.
    pub(super) fn wait(&self, due: &Due) {
        self.put_back(due, Parked::wait);
    }

    fn put_back<T>(&self, due: &Due, change: impl FnOnce(&mut Parked) -> T) -> Option<T> {
        let mut queue = self.lock();
        let mut requests = queue.requests.iter_mut();
        let parked = requests.find(|parked| parked.number == due.number)?;
        parked.is_being_sent = false;
        Some(change(parked))
    }

    /// Replaces the file if it has lines that do not wait any more.
    pub(super) fn save(&self) -> io::Result<()> {
        let mut queue = self.lock();
        let is_unused = queue.is_closed || queue.restored.is_some();
        let Some(file) = self.file.as_ref().filter(|_| !is_unused) else {
            return Ok(());
        };
        if !mem::take(&mut queue.is_outdated) {
            return Ok(());
        }
        let mut records = Vec::new();
        let requests = queue.requests.iter();
        requests.for_each(|parked| parked.push_records(&mut records));
        let saved = replace(file.path(), records);
        queue.is_outdated = saved.is_err();
        saved
    }

    /// Leaves the lines to the next start. Returns how many bytes they have.
    pub(super) fn close(&self) -> u64 {
        let mut queue = self.lock();
        queue.is_closed = true;
        let parked = queue.requests.iter().map(|parked| bytes_of(&parked.batch));
        parked.sum::<u64>() + queue.restored.unwrap_or(0)
    }

    /// Returns how long to wait at most before the next call of [`take_due`](Self::take_due).
    pub(super) fn pause(&self) -> Duration {
        PAUSE
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Returns how many of these requests there is room for.
    fn room_for(&self, requests: &[Parked]) -> usize {
        let parked = self.requests.iter().map(|parked| parked.batch.bytes());
        let mut bytes: usize = parked.sum();
        let fits = |request: &&Parked| {
            bytes += request.batch.bytes();
            bytes <= MAX_BYTES
        };
        let room = MAX_REQUESTS.saturating_sub(self.requests.len());
        requests.iter().take(room).take_while(fits).count()
    }
}

/// Returns the number of bytes of the lines, with a newline for each.
fn bytes_of(batch: &Batch) -> u64 {
    (batch.bytes() + batch.len()) as u64
}

/// Replaces a file of records, or removes it if there are none.
fn replace(path: &Path, records: Vec<u8>) -> io::Result<()> {
    let new = RecordFile::replacement_of(path)?;
    if !records.is_empty() {
        new.append_records(records)?;
    }
    match new.finish() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        finished => finished,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_seconds(seconds: u64) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let time = now.expect("the clock is after 1970") + Duration::from_secs(seconds);
        i64::try_from(time.as_nanos()).expect("the time is in range")
    }

    /// Room for lines, with a file that the test removes.
    fn requests(name: &str) -> ParkedRequests {
        let name = format!("parked-{name}-{}.jsonl", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        ParkedRequests::new(RecordFile::new(path), true)
    }

    fn path_of(requests: &ParkedRequests) -> &Path {
        requests.path().expect("it has a file")
    }

    fn parked(text: &str, reason: Reason) -> Parked {
        let batch = Batch::of_text(text);
        let lines = (0..batch.len()).filter_map(|index| batch.line(index));
        Parked::new(lines, reason, "no".to_owned())
    }

    /// Returns whether there was room.
    fn park(requests: &ParkedRequests, parked: Parked) -> bool {
        let mut list = vec![parked];
        requests.park(&mut list).expect("the file is written");
        list.is_empty()
    }

    #[test]
    fn a_line_is_given_up_only_if_the_server_accepts_others_between_the_attempts() {
        let requests = requests("given-up");
        let words = Reason::Words("HTTP #: no".to_owned());
        assert!(park(&requests, parked("a\n", words)));
        assert!(requests.are_refused("HTTP #: no") && !requests.are_refused("HTTP #: other"));
        let due = Due {
            batch: Arc::default(),
            number: 0,
        };
        for _ in 0..100 {
            assert_eq!(requests.refused(&due, Fault::Unknown), Next::Wait);
        }
        for _ in 1..MAX_ATTEMPTS - 1 {
            requests.note_accepted();
            assert_eq!(requests.refused(&due, Fault::Unknown), Next::Wait);
        }
        requests.note_accepted();
        assert_eq!(requests.refused(&due, Fault::Unknown), Next::GiveUp);
        std::fs::remove_file(path_of(&requests)).expect("the file exists");
    }

    #[test]
    fn a_line_of_the_future_waits_for_its_time() {
        let parked = parked("a\n", Reason::TooNew(in_seconds(3_600)));
        let due = parked.due.duration_since(Instant::now());
        assert!(due > Duration::from_secs(2_900) && due <= Duration::from_secs(3_000));
        assert!(!is_too_far(in_seconds(3_600)) && is_too_far(in_seconds(100_000)));
        assert!(is_too_far(i64::MAX) && !is_too_far(i64::MIN));
    }

    #[test]
    fn parked_lines_have_a_limit_and_those_that_are_due_are_returned() {
        let requests = requests("limit");
        let words = Reason::Words(String::new());
        let long = "a".repeat(MAX_BYTES - 1) + "\n";
        assert!(park(
            &requests,
            parked(&long, Reason::TooNew(in_seconds(7_200)))
        ));
        assert!(park(&requests, parked("b\n", words.clone())));
        assert!(!park(&requests, parked("c\n", words)));
        let begin = Instant::now();
        let mut due = Vec::new();
        while due.is_empty() && begin.elapsed() < Duration::from_secs(60) {
            due = requests.take_due();
        }
        let lines = due.iter().map(|due| due.batch.line(0).map(Line::text));
        assert_eq!(lines.collect::<Vec<_>>(), [Some(&b"b"[..])]);
        assert!(requests.take_due().is_empty(), "it is being sent");
        assert_eq!(requests.close(), MAX_BYTES as u64 + 2);
        std::fs::remove_file(path_of(&requests)).expect("the file exists");
    }

    #[test]
    fn the_file_has_exactly_the_lines_that_wait() {
        let first = requests("file");
        let reader = LineReader::default();
        for line in ["a\n", "b\n", "c\nd\n"] {
            let reason = Reason::TooNew(in_seconds(7_200));
            assert!(park(&first, parked(line, reason)));
        }
        first.remove(&Due {
            batch: Arc::default(),
            number: 1,
        });
        first.save().expect("the file is written");
        assert_eq!(first.close(), 6);
        first.remove(&Due {
            batch: Arc::default(),
            number: 0,
        });
        first.save().expect("another shipper has the file now");
        let path = path_of(&first).to_owned();
        let mut text = std::fs::read(&path).expect("the file exists");
        text.extend(b"damaged\n{\"id\":\"torn");
        std::fs::write(&path, text).expect("the file is written");

        let next = ParkedRequests::new(RecordFile::new(path.clone()), true);
        let restored = next.restore(&reader).expect("the file is read");
        let lines = (0..restored.batch.len()).filter_map(|index| restored.batch.line(index));
        let lines: Vec<_> = lines.map(Line::text).collect();
        assert_eq!(lines, [b"a", b"c", b"d"]);
        assert_eq!(restored.damaged, b"damaged\n");
        next.save().expect("nothing is to be saved yet");
        assert!(path.exists());
        next.finish_restore();
        next.save().expect("the file is removed");
        assert!(!path.exists());
    }
}
