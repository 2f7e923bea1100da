//! Lines that a server did not accept on their own, and that may still be accepted: they are sent again later, beside the batches.
//!
//! These are lines whose time is in the future, and single lines for which the server's message does not show whether the line or a setting
//! is at fault. Other lines do not wait for them. They are in the file of rejected lines from the beginning, so that they are not lost if
//! the process ends, and count as rejected only when they are given up.

use super::{
    backoff::in_tests_shorter,
    refusals::Fault,
    rejection::{Rejection, Tally},
};
use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Maximum size of all parked requests.
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

/// A request that is sent again later.
#[derive(Debug)]
pub(super) struct Parked {
    pub(super) request: Vec<u8>,
    pub(super) lines: u64,
    pub(super) bytes: u64,
    reason: Reason,
    due: Instant,
    attempts: u32,
    /// How many requests the server had accepted at the last attempt.
    accepted: u64,
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
    pub(super) fn new(request: Vec<u8>, lines: u64, bytes: u64, reason: Reason) -> Self {
        let due = match reason {
            Reason::TooNew(nanos) => until(nanos).saturating_sub(GRACE).max(PAUSE),
            Reason::Words(_) => PAUSE,
        };
        Self {
            request,
            lines,
            bytes,
            reason,
            due: Instant::now() + due,
            attempts: 1,
            accepted: 0,
        }
    }

    /// Decides what to do after another refusal. `accepted` is how many other requests the server has accepted so far.
    pub(super) fn refused(&mut self, fault: Fault, accepted: u64) -> Next {
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

    /// Returns why the lines were refused at first.
    pub(super) fn rejection(&self) -> Rejection {
        self.reason.rejection()
    }

    /// Waits after an attempt that says nothing about the lines.
    pub(super) fn wait(&mut self) {
        self.due = Instant::now() + 2 * PAUSE;
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

/// All parked requests of a shipper.
#[derive(Debug, Default)]
pub(super) struct ParkedRequests {
    requests: Mutex<VecDeque<Parked>>,
    /// How many requests with other lines the server has accepted.
    accepted: AtomicU64,
}

impl ParkedRequests {
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
        self.lock().iter().any(is_same)
    }

    /// Keeps a request. Returns whether there is room for it.
    pub(super) fn park(&self, mut parked: Parked) -> bool {
        parked.accepted = self.accepted();
        let mut requests = self.lock();
        let bytes: usize = requests.iter().map(|parked| parked.request.len()).sum();
        let has_room = requests.len() < MAX_REQUESTS && bytes + parked.request.len() <= MAX_BYTES;
        if has_room {
            requests.push_back(parked);
        }
        has_room
    }

    /// Returns some of the requests that are due. [`put_back`](Self::put_back) returns those that have to wait longer.
    pub(super) fn take_due(&self) -> Vec<Parked> {
        let now = Instant::now();
        let mut requests = self.lock();
        let mut due = Vec::new();
        for _ in 0..requests.len() {
            let Some(parked) = requests.pop_front() else {
                break;
            };
            if parked.due <= now && due.len() < MAX_DUE {
                due.push(parked);
            } else {
                requests.push_back(parked);
            }
        }
        due
    }

    pub(super) fn put_back(&self, parked: Parked) {
        self.lock().push_back(parked);
    }

    /// Gives up all requests. Returns how many lines they have, by the reason.
    pub(super) fn give_up(&self) -> Tally {
        let mut tally = Tally::default();
        for parked in self.lock().drain(..) {
            tally.add(parked.rejection(), parked.lines);
        }
        tally
    }

    /// Returns how long to wait at most before the next call of [`take_due`](Self::take_due).
    pub(super) fn pause(&self) -> Duration {
        PAUSE
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Parked>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[test]
    fn a_line_is_given_up_only_if_the_server_accepts_others_between_the_attempts() {
        let requests = ParkedRequests::default();
        let words = Reason::Words("HTTP #: no".to_owned());
        assert!(requests.park(Parked::new(vec![1], 1, 5, words)));
        assert!(requests.are_refused("HTTP #: no") && !requests.are_refused("HTTP #: other"));
        let mut parked = requests.lock().pop_front().expect("it is parked");
        for _ in 0..100 {
            assert_eq!(
                parked.refused(Fault::Unknown, requests.accepted()),
                Next::Wait
            );
        }
        for _ in 1..MAX_ATTEMPTS - 1 {
            requests.note_accepted();
            assert_eq!(
                parked.refused(Fault::Unknown, requests.accepted()),
                Next::Wait
            );
        }
        requests.note_accepted();
        assert_eq!(
            parked.refused(Fault::Unknown, requests.accepted()),
            Next::GiveUp
        );
    }

    #[test]
    fn a_line_of_the_future_waits_for_its_time() {
        let parked = Parked::new(Vec::new(), 1, 5, Reason::TooNew(in_seconds(3_600)));
        let due = parked.due.duration_since(Instant::now());
        assert!(due > Duration::from_secs(2_900) && due <= Duration::from_secs(3_000));
        assert!(!is_too_far(in_seconds(3_600)) && is_too_far(in_seconds(100_000)));
        assert!(is_too_far(i64::MAX) && !is_too_far(i64::MIN));
    }

    #[test]
    fn parked_requests_have_a_limit_and_those_that_are_due_are_returned() {
        let requests = ParkedRequests::default();
        let parked = |bytes, reason| Parked::new(vec![0; bytes], 2, 9, reason);
        let words = Reason::Words(String::new());
        assert!(requests.park(parked(MAX_BYTES - 1, Reason::TooNew(in_seconds(7_200)))));
        assert!(requests.park(parked(1, words.clone())));
        assert!(!requests.park(parked(1, words)));
        std::thread::sleep(2 * PAUSE);
        let due = requests.take_due();
        assert_eq!(
            due.iter()
                .map(|parked| parked.request.len())
                .collect::<Vec<_>>(),
            [1]
        );
        assert!(requests.take_due().is_empty());
        let given_up: u64 = requests.give_up().iter().map(|(_, lines)| lines).sum();
        assert_eq!(given_up, 2);
    }
}
