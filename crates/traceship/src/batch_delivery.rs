//! The delivery of one batch. A request that the server does not accept is divided until the lines at fault are found.
//!
//! - If the server's message names a fault, the kind of the fault decides. For lines that are too old or too new, a search by time needs
//!   few requests.
//! - Otherwise some lines are sent alone. If all of them are refused with the same message, a setting is at fault: the whole group waits,
//!   and is sent again at long intervals. If one of them is accepted, the group is halved until each line at fault is alone.
//! - The same search finds lines with which the server fails again and again (HTTP 500).

use super::{
    backoff::Backoff,
    batch::{Batch, Line},
    body::Body,
    control::Stopped,
    delivery::Delivery,
    group::{First, Group},
    parked::{Parked, Reason, is_too_far},
    refusals::{Fault, longest_accepted, masked, oldest_accepted},
    rejection::{Rejection, Tally},
    sorted_lines::SortedLines,
    stats::Counter,
    verdict::Verdict,
};
use std::{rc::Rc, time::Duration};

/// How many lines are sent alone to find out whether the server accepts anything.
const SAMPLES: usize = 8;
/// How many times the same lines are sent again after the server has failed, before the lines are suspected.
const MAX_FAILURES: u32 = 3;
/// How many times a single line is sent while the server fails, with pauses that take more than a minute altogether.
const MAX_FAILURES_OF_A_LINE: u32 = 8;
/// If the server fails with more lines of one request, these lines are not at fault.
const MAX_FAILING_LINES: usize = 100;
/// If a second line is refused with the same message as the one before, a setting is probably at fault. The second line is sent again this
/// many times before it is set aside too, so that a third line can show whether the server accepts anything. This takes about half an hour.
const PATIENCE: u32 = 30;
/// The size of a request, in bytes of its lines, that no server refuses as too large unless a setting is wrong.
const SMALL_REQUEST: usize = 4 << 10;

impl Delivery {
    /// Delivers a batch. Returns when each line is accepted or rejected, or is [parked](super::parked).
    ///
    /// # Errors
    ///
    /// If the shipper is stopped before.
    pub(super) fn deliver(&self, batch: &Batch, body: &mut Body) -> Result<(), Stopped> {
        self.retry_parked(body);
        BatchDelivery::new(self, batch, body).run()
    }
}

struct BatchDelivery<'d> {
    delivery: &'d Delivery,
    batch: &'d Batch,
    body: &'d mut Body,
    /// The groups that are to be sent. The last one is the next.
    pending: Vec<Group>,
    backoff: Backoff,
    /// Rejected lines, with the server's messages. All of them are written at once.
    rejected: Vec<(usize, Rc<str>)>,
    /// How many lines these are, by the reason.
    tally: Tally,
}

/// What sending some lines of a group alone has shown.
enum Sampled {
    /// The server accepts other lines.
    Accepting,
    /// The server refuses every line with the same message.
    Refusing,
    /// The server did not respond, or it is busy.
    Unclear(Verdict),
}

impl<'d> BatchDelivery<'d> {
    fn new(delivery: &'d Delivery, batch: &'d Batch, body: &'d mut Body) -> Self {
        Self {
            delivery,
            batch,
            body,
            pending: vec![Group::of((0..batch.len()).collect())],
            backoff: Backoff::default(),
            rejected: Vec::new(),
            tally: Tally::default(),
        }
    }

    fn run(mut self) -> Result<(), Stopped> {
        while let Some(group) = self.pending.pop() {
            if group.lines.is_empty() {
                continue;
            }
            let bytes = group.bytes(self.batch);
            if group.lines.len() > 1 && self.delivery.part_size.is_above(bytes) {
                self.push(group.halves());
                continue;
            }
            if let Some(end) = self.end_of_spread(&group) {
                let mut later = group;
                let first = later.take(|index| self.nanos(index) <= end);
                self.push([Group::of(first), later]);
                continue;
            }
            let verdict = self.attempt(&group.lines);
            match &verdict {
                Verdict::TimedOut { .. } => self.delivery.part_size.timed_out(bytes),
                Verdict::Retry { .. } => self.delivery.part_size.failed(),
                Verdict::Accepted
                | Verdict::Repeated
                | Verdict::PartlyAccepted { .. }
                | Verdict::PerLine(_) => {
                    self.delivery.part_size.succeeded(bytes);
                }
                _ => {}
            }
            self.handle(group, verdict)?;
        }
        self.delivery.keep_rejected(self.batch, &self.rejected)?;
        self.delivery.stats.add_all_rejected(&self.tally);
        Ok(())
    }

    /// If the times of the lines differ by more than the server allows, returns the last time that can be in one request with the oldest line.
    fn end_of_spread(&self, group: &Group) -> Option<i64> {
        let most = self.delivery.target.max_spread()?;
        let most = i64::try_from(most.as_nanos()).unwrap_or(i64::MAX);
        let times = group.lines.iter().map(|index| self.nanos(*index));
        let (oldest, newest) = times.fold((i64::MAX, i64::MIN), |(oldest, newest), time| {
            (oldest.min(time), newest.max(time))
        });
        let end = oldest.saturating_add(most);
        (newest > end).then_some(end)
    }

    fn attempt(&mut self, lines: &[usize]) -> Verdict {
        self.delivery.attempt(self.batch, lines, self.body)
    }

    fn handle(&mut self, mut group: Group, verdict: Verdict) -> Result<(), Stopped> {
        if matches!(verdict, Verdict::Retry { .. } | Verdict::TimedOut { .. }) {
            // The server may change while this group waits.
            group.is_isolated = false;
        }
        match verdict {
            Verdict::Accepted | Verdict::Repeated => self.accept(&group.lines),
            Verdict::PartlyAccepted { rejected, why } => {
                let rejected = rejected.min(group.lines.len() as u64);
                self.delivery
                    .count_shipped(self.batch, &group.lines, rejected);
                let stats = &self.delivery.stats;
                stats.add_rejected(Rejection::Unnamed, rejected);
                self.delivery.reporter.report_working();
                self.delivery.reporter.report_partly_rejected(&why);
                self.backoff = Backoff::default();
            }
            Verdict::Retry { after, why } => {
                let wait = self.backoff.next(after);
                self.send_again(group, &why, wait)?;
            }
            Verdict::TimedOut { why } => {
                let wait = self.backoff.next(None);
                self.send_again(group, &why, wait)?;
            }
            Verdict::RetrySlowly { why } => self.wait_for_a_person(group, &why)?,
            Verdict::Failed { after, why } => self.handle_failure(group, after, &why)?,
            Verdict::Refused { fault, why } => self.handle_refusal(group, fault, why)?,
            Verdict::PerLine(verdicts) => self.handle_each(group, verdicts)?,
        }
        Ok(())
    }

    fn accept(&mut self, lines: &[usize]) {
        self.delivery.count_shipped(self.batch, lines, 0);
        self.delivery.reporter.report_working();
        self.backoff = Backoff::default();
    }

    /// Adds groups that are sent next, the first one first.
    fn push(&mut self, groups: impl IntoIterator<Item = Group, IntoIter: DoubleEndedIterator>) {
        self.pending.extend(groups.into_iter().rev());
    }

    fn send_again(&mut self, group: Group, why: &str, wait: Duration) -> Result<(), Stopped> {
        self.delivery.stats.add(Counter::retried, 1);
        self.delivery.reporter.report_failing(why);
        self.pending.push(group);
        self.delivery.control.wait(wait)
    }

    /// Sends a group again after a long pause. Nothing is known about its lines then.
    fn wait_for_a_person(&mut self, mut group: Group, why: &str) -> Result<(), Stopped> {
        group.is_isolated = false;
        let wait = self.backoff.slow();
        self.send_again(group, why, wait)
    }

    fn reject(
        &mut self,
        lines: impl IntoIterator<Item = usize>,
        kind: impl Into<Rejection>,
        why: &str,
    ) {
        let (why, before): (Rc<str>, _) = (why.into(), self.rejected.len());
        let rejected = lines.into_iter().map(|index| (index, Rc::clone(&why)));
        self.rejected.extend(rejected);
        let lines = self.rejected.len() - before;
        self.tally.add(kind.into(), lines as u64);
    }

    fn nanos(&self, index: usize) -> i64 {
        self.batch.line(index).map_or(0, Line::nanos)
    }

    fn stream(&self, index: usize) -> Vec<u8> {
        let line = self.batch.line(index);
        line.map_or_else(Vec::new, |line| self.delivery.target.stream_key(line))
    }

    fn handle_refusal(
        &mut self,
        mut group: Group,
        fault: Fault,
        why: String,
    ) -> Result<(), Stopped> {
        match fault {
            Fault::TooFarBehind | Fault::Stream if self.has_streams(&group) => {
                let parts = group.by_key(|index| self.stream(index));
                self.push(parts);
            }
            Fault::Stream => self.reject(group.lines, fault, &why),
            Fault::TooOld | Fault::TooFarBehind => self.reject_old(group, fault, &why),
            Fault::TooNew => self.set_new_aside(group, &why)?,
            Fault::TooLong => {
                let longest = longest_accepted(&why).unwrap_or(usize::MAX);
                let batch = self.batch;
                let length = |index| batch.line(index).map_or(0, |line| line.text().len());
                let long = group.take(|index| length(index) > longest);
                match long.is_empty() {
                    true => self.halve_or_reject(group, fault, &why),
                    false => {
                        self.reject(long, fault, &why);
                        self.pending.push(group);
                    }
                }
            }
            Fault::TooLarge
                if group.lines.len() == 1 && group.bytes(self.batch) <= SMALL_REQUEST =>
            {
                self.wait_for_a_person(group, &why)?;
            }
            Fault::Line | Fault::TooLarge => self.halve_or_reject(group, fault, &why),
            Fault::Unknown if group.is_isolated => self.halve_or_reject(group, fault, &why),
            Fault::Unknown => self.search(group, &why)?,
        }
        Ok(())
    }

    fn has_streams(&self, group: &Group) -> bool {
        let mut streams = group.lines.iter().map(|index| self.stream(*index));
        let first = streams.next();
        streams.any(|stream| Some(stream) != first)
    }

    fn halve_or_reject(&mut self, group: Group, fault: Fault, why: &str) {
        match group.lines.len() {
            1 => self.reject(group.lines, fault, why),
            _ => self.push(group.halves()),
        }
    }

    /// Rejects the lines that are too old. If the server does not say what is too old, newer lines are sent first: the first one that is
    /// refused alone shows that all older lines are too old as well.
    fn reject_old(&mut self, mut group: Group, fault: Fault, why: &str) {
        let oldest = oldest_accepted(why).unwrap_or(i64::MIN);
        let batch = self.batch;
        let nanos = |index| batch.line(index).map_or(0, Line::nanos);
        let old = group.take(|index| nanos(index) < oldest);
        if !old.is_empty() {
            self.reject(old, fault, why);
            self.pending.push(group);
        } else if let [index] = group.lines[..] {
            let (limit, stream) = (self.nanos(index), self.stream(index));
            let delivery = self.delivery;
            let is_old = |other: usize| {
                let is_of_stream = |line| delivery.target.stream_key(line) == stream;
                nanos(other) <= limit
                    && (fault == Fault::TooOld || batch.line(other).is_some_and(is_of_stream))
            };
            let older = self.take_pending(is_old);
            self.reject([index].into_iter().chain(older), fault, why);
        } else {
            self.push(group.halves_by_time(batch, First::Newest));
        }
    }

    /// Finds the lines that are too new. Older lines are sent first: the first one that is refused alone shows that all newer lines are too
    /// new as well.
    fn set_new_aside(&mut self, group: Group, why: &str) -> Result<(), Stopped> {
        let [index] = group.lines[..] else {
            self.push(group.halves_by_time(self.batch, First::Oldest));
            return Ok(());
        };
        let batch = self.batch;
        let limit = self.nanos(index);
        let nanos = |other| batch.line(other).map_or(0, Line::nanos);
        let mut new = self.take_pending(|other| nanos(other) >= limit);
        new.push(index);
        new.sort_unstable();
        let (far, near): (Vec<_>, Vec<_>) =
            new.into_iter().partition(|index| is_too_far(nanos(*index)));
        let is_far = "its time is more than a day in the future";
        self.reject(far, Fault::TooNew, &not_waited_for(why, is_far));
        let newest = near.iter().map(|index| nanos(*index)).max();
        let reason = Reason::TooNew(newest.unwrap_or(limit));
        self.park(vec![(near, reason)], why)
    }

    fn take_pending(&mut self, condition: impl Fn(usize) -> bool) -> Vec<usize> {
        let groups = self.pending.iter_mut();
        groups.flat_map(|group| group.take(&condition)).collect()
    }

    /// Keeps lines for a later attempt, each group as one request, or rejects them if nothing waits for them.
    fn park(&mut self, requests: Vec<(Vec<usize>, Reason)>, why: &str) -> Result<(), Stopped> {
        let (delivery, batch) = (self.delivery, self.batch);
        let requests = requests.into_iter().filter(|(lines, _)| !lines.is_empty());
        let requests: Vec<_> = requests.collect();
        let line = |index: &usize| batch.line(*index);
        let parked = requests.iter().map(|(lines, reason)| {
            let lines = lines.iter().filter_map(line);
            Parked::new(lines, reason.clone(), why.to_owned())
        });
        let mut parked: Vec<_> = parked.collect();
        delivery.park(&mut parked, why)?;
        let is_parked = requests.len() - parked.len();
        let because = match delivery.parked.is_waiting() {
            true => "too many lines wait already",
            false => "this run ends when the other lines are delivered",
        };
        let why = not_waited_for(why, because);
        for (lines, reason) in requests.into_iter().skip(is_parked) {
            self.reject(lines, reason.rejection(), &why);
        }
        Ok(())
    }

    /// Keeps each line for a later attempt.
    fn park_each(&mut self, lines: &[usize], why: &str) -> Result<(), Stopped> {
        let request = |index: &usize| (vec![*index], Reason::Words(masked(why)));
        self.park(lines.iter().map(request).collect(), why)
    }

    /// Finds out whether the server refuses all lines, or only some lines of this group.
    fn search(&mut self, mut group: Group, why: &str) -> Result<(), Stopped> {
        if group.lines.len() == 1 {
            let is_second = self.delivery.parked.are_refused(&masked(why));
            if is_second && group.failures < PATIENCE {
                group.failures += 1;
                return self.wait_for_a_person(group, why);
            }
            return self.park_each(&group.lines, why);
        }
        match self.sample(&mut group, why)? {
            Sampled::Accepting => {
                group.is_isolated = true;
                match group.lines.len() {
                    1 => self.pending.push(group),
                    _ => self.push(group.halves()),
                }
                Ok(())
            }
            Sampled::Refusing => self.wait_for_a_person(group, why),
            Sampled::Unclear(verdict) => self.wait_for_the_server(group, verdict),
        }
    }

    /// Sends some lines of a group alone, until one is accepted. Accepted lines are removed from the group.
    fn sample(&mut self, group: &mut Group, why: &str) -> Result<Sampled, Stopped> {
        let words = masked(why);
        let mut is_refusing = false;
        for index in group.sample(SAMPLES) {
            match self.attempt(&[index]) {
                verdict @ (Verdict::Accepted
                | Verdict::Repeated
                | Verdict::PartlyAccepted { .. }) => {
                    self.handle(Group::of(vec![index]), verdict)?;
                    group.lines.retain(|other| *other != index);
                    return Ok(Sampled::Accepting);
                }
                Verdict::Refused { why, .. } | Verdict::Failed { why, .. }
                    if masked(&why) == words =>
                {
                    is_refusing = true;
                }
                Verdict::Refused {
                    fault: Fault::Unknown,
                    ..
                } => return Ok(Sampled::Accepting),
                Verdict::Refused { .. } => {}
                verdict => return Ok(Sampled::Unclear(verdict)),
            }
        }
        Ok(match is_refusing {
            true => Sampled::Refusing,
            false => Sampled::Accepting,
        })
    }

    fn wait_for_the_server(&mut self, group: Group, verdict: Verdict) -> Result<(), Stopped> {
        let (after, why) = match verdict {
            Verdict::RetrySlowly { why } => return self.wait_for_a_person(group, &why),
            Verdict::Retry { after, why } | Verdict::Failed { after, why } => (after, why),
            Verdict::TimedOut { why } => (None, why),
            _ => (None, "the response is unclear".to_owned()),
        };
        let wait = self.backoff.next(after);
        self.send_again(group, &why, wait)
    }

    /// Sends a group again after the server has failed while it processed the group. If it fails repeatedly, searches for the lines at
    /// fault.
    fn handle_failure(
        &mut self,
        mut group: Group,
        after: Option<Duration>,
        why: &str,
    ) -> Result<(), Stopped> {
        group.failures += 1;
        if group.lines.len() == 1 {
            return self.handle_failing_line(group, after, why);
        }
        if group.is_isolated {
            self.push(group.halves());
            return Ok(());
        }
        if group.failures >= MAX_FAILURES {
            group.failures = 0;
            match self.sample(&mut group, why)? {
                Sampled::Accepting => {
                    group.is_isolated = true;
                    self.pending.push(group);
                    return Ok(());
                }
                Sampled::Unclear(verdict) => return self.wait_for_the_server(group, verdict),
                Sampled::Refusing => {}
            }
        }
        let wait = self.backoff.next(after);
        self.send_again(group, why, wait)
    }

    /// Sends a line again, after the other lines of the batch, or sets it aside.
    fn handle_failing_line(
        &mut self,
        mut group: Group,
        after: Option<Duration>,
        why: &str,
    ) -> Result<(), Stopped> {
        let parked = &self.delivery.parked;
        if group.failures == 1 {
            group.accepted_before = parked.accepted();
        }
        let is_patient = group.failures < PATIENCE;
        if !parked.is_waiting() {
            let accepts_others = parked.accepted() > group.accepted_before;
            let is_at_fault = group.failures >= MAX_FAILURES_OF_A_LINE && accepts_others;
            if group.is_isolated && (is_at_fault || !is_patient) {
                self.reject(group.lines, Rejection::ServerError, why);
                return Ok(());
            }
        } else if group.is_isolated || group.failures >= MAX_FAILURES {
            // If it is the second line in a row, the server may have begun to fail with every line.
            if !is_patient || !parked.are_refused(&masked(why)) {
                return self.park_each(&group.lines, why);
            }
        }
        self.delivery.stats.add(Counter::retried, 1);
        self.delivery.reporter.report_failing(why);
        self.pending.insert(0, group);
        let wait = self.backoff.next(after);
        self.delivery.control.wait(wait)
    }

    /// Counts, rejects or repeats each line by its own verdict.
    fn handle_each(&mut self, group: Group, verdicts: Vec<Verdict>) -> Result<(), Stopped> {
        let mut sorted = SortedLines::default();
        for (index, verdict) in group.lines.iter().zip(verdicts) {
            sorted.add(*index, verdict);
        }
        self.delivery.count_shipped(self.batch, &sorted.accepted, 0);
        let is_isolated = group.is_isolated || !sorted.accepted.is_empty();
        for (index, fault, why) in std::mem::take(&mut sorted.invalid) {
            self.reject([index], fault, &why);
        }
        self.handle_unknown(&mut sorted, is_isolated)?;
        let failures = group.failures + u32::from(!sorted.failed.is_empty());
        let failed = std::mem::take(&mut sorted.failed);
        if is_isolated && failures >= MAX_FAILURES && failed.len() <= MAX_FAILING_LINES {
            self.park_each(&failed, &sorted.why)?;
        } else {
            sorted.again.extend(failed);
        }
        if sorted.again.is_empty() {
            self.delivery.reporter.report_working();
            self.backoff = Backoff::default();
            return Ok(());
        }
        let again = Group {
            lines: sorted.again,
            failures,
            is_isolated,
            ..group
        };
        let wait = match sorted.is_slow {
            true => self.backoff.slow(),
            false => self.backoff.next(sorted.after),
        };
        self.send_again(again, &sorted.why, wait)
    }

    /// Decides about lines that were refused with an unknown message.
    fn handle_unknown(
        &mut self,
        sorted: &mut SortedLines,
        is_isolated: bool,
    ) -> Result<(), Stopped> {
        let is_setting = !is_isolated && sorted.unknown_are_refused_alike();
        for (index, why) in std::mem::take(&mut sorted.unknown) {
            if is_isolated {
                self.reject([index], Fault::Unknown, &why);
            } else if is_setting {
                sorted.is_slow = true;
                sorted.repeat(index, why);
            } else {
                self.park_each(&[index], &why)?;
            }
        }
        Ok(())
    }
}

/// Adds to a server's message why the line is rejected, although it may be accepted later.
fn not_waited_for(why: &str, because: &str) -> String {
    format!("{why} (not waited for: {because})")
}
