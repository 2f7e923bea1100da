//! What delivers lines to the server, for all batches: the attempts, the counters, and what becomes of lines that are rejected.

use super::{
    backoff::Backoff,
    batch::{Batch, Line},
    body::Body,
    client::Client,
    control::{Control, Stopped},
    parked::{Due, Next, Parked, ParkedRequests},
    part_size::PartSize,
    record_file::RecordFile,
    refusals::Fault,
    rejection::Rejection,
    reporter::Reporter,
    stats::{Counter, Stats},
    target::Target,
    verdict::Verdict,
};
use std::{
    io,
    path::Path,
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What all threads that deliver batches share.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) target: Target,
    /// Replaced when certificates are to be read again.
    client: Mutex<Arc<Client>>,
    pub(super) rejected: RecordFile,
    pub(super) stats: Stats,
    pub(super) reporter: Arc<Reporter>,
    pub(super) control: Arc<Control>,
    pub(super) part_size: PartSize,
    pub(super) parked: ParkedRequests,
}

impl Delivery {
    pub(super) fn new(
        target: Target,
        client: Client,
        rejected: RecordFile,
        parked: ParkedRequests,
        stats: Stats,
        reporter: Arc<Reporter>,
        control: Arc<Control>,
    ) -> Self {
        Self {
            target,
            client: Mutex::new(Arc::new(client)),
            rejected,
            stats,
            reporter,
            control,
            part_size: PartSize::default(),
            parked,
        }
    }

    /// Sends parked lines that are due again. To be called about as often as [`parked_pause`](Self::parked_pause) says.
    pub(super) fn retry_parked(&self, body: &mut Body) {
        let due = self.parked.take_due();
        due.iter().for_each(|due| self.retry(due, body));
        if !due.is_empty() {
            self.save_parked();
        }
    }

    /// Sends parked lines again.
    fn retry(&self, due: &Due, body: &mut Body) {
        let lines: Vec<usize> = (0..due.batch.len()).collect();
        let verdict = self.attempt(&due.batch, &lines, body);
        let (next, kind, why) = match verdict {
            Verdict::Accepted | Verdict::Repeated => {
                self.count_accepted(&due.batch, &lines, 0);
                self.reporter.report_working();
                return self.parked.remove(due);
            }
            Verdict::PartlyAccepted { why, .. } => (Next::GiveUp, Rejection::Unnamed, why),
            Verdict::Refused { fault, why } => (self.parked.refused(due, fault), fault.into(), why),
            Verdict::Failed { why, .. } => {
                let next = self.parked.refused(due, Fault::Unknown);
                (next, Rejection::ServerError, why)
            }
            _ => return self.parked.wait(due),
        };
        if next == Next::Wait {
            return;
        }
        let why: Rc<str> = format!("{why} (no longer waited for)").into();
        let given_up = lines.iter().map(|index| (*index, Rc::clone(&why)));
        match self.keep_rejected(&due.batch, &given_up.collect::<Vec<_>>()) {
            Ok(()) => {
                self.stats.add_rejected(kind, lines.len() as u64);
                self.parked.remove(due);
            }
            Err(Stopped) => self.parked.wait(due),
        }
    }

    pub(super) fn parked_pause(&self) -> Duration {
        self.parked.pause()
    }

    /// Parks lines. Repeats this until they are in their file. Leaves those for which there is no room in the list.
    pub(super) fn park(&self, requests: &mut Vec<Parked>, why: &str) -> Result<(), Stopped> {
        let (Some(path), number) = (self.parked.path(), requests.len()) else {
            return Ok(());
        };
        let mut backoff = Backoff::default();
        while let Err(error) = self.parked.park(requests) {
            self.report_unwritable(path, &error);
            self.control.wait(backoff.next(None))?;
        }
        if requests.len() < number {
            self.reporter.report_waiting(why, path);
        }
        Ok(())
    }

    /// Notes that the lines that waited at the start are delivered, or parked again.
    pub(super) fn finish_restore(&self) {
        self.parked.finish_restore();
        self.save_parked();
    }

    fn save_parked(&self) {
        // At worst, the next start sends lines again that are delivered.
        if let (Err(error), Some(path)) = (self.parked.save(), self.parked.path()) {
            self.report_unwritable(path, &error);
        }
    }

    fn report_unwritable(&self, path: &Path, error: &io::Error) {
        self.reporter.report_problem(format!(
            "the lines that wait to be sent again cannot be written to {}: {error}",
            path.display()
        ));
    }

    /// Sends a request. A single line has a single verdict.
    fn send(&self, request: &[u8], lines: usize) -> Verdict {
        let client = Arc::clone(&self.lock_client());
        let mut verdicts = match self.target.send(&client, request, lines) {
            Verdict::PerLine(verdicts) => verdicts,
            verdict => return verdict,
        };
        let is_repeat = |verdict: &&Verdict| **verdict == Verdict::Repeated;
        let repeated = verdicts.iter().filter(is_repeat).count();
        self.stats.add(Counter::repeated, repeated as u64);
        match verdicts.len() {
            1 => verdicts.remove(0),
            _ => Verdict::PerLine(verdicts),
        }
    }

    /// Makes the next requests use a new connection, for which certificates and keys are read again.
    pub(super) fn renew_client(&self) {
        *self.lock_client() = Arc::new(self.target.client());
    }

    fn lock_client(&self) -> MutexGuard<'_, Arc<Client>> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Encodes and sends lines.
    pub(super) fn attempt(&self, batch: &Batch, lines: &[usize], body: &mut Body) -> Verdict {
        self.target.encode(batch, lines, body);
        self.stats.add(Counter::requests, 1);
        let verdict = self.send(body.bytes(), lines.len());
        if matches!(
            verdict,
            Verdict::Accepted
                | Verdict::Repeated
                | Verdict::PartlyAccepted { .. }
                | Verdict::PerLine(_)
        ) {
            self.stats.add(Counter::cut, body.cut);
        }
        verdict
    }

    /// Counts lines that the server has accepted, except for `rejected` of them.
    pub(super) fn count_shipped(&self, batch: &Batch, lines: &[usize], rejected: u64) {
        if lines.is_empty() {
            return;
        }
        self.parked.note_accepted();
        self.count_accepted(batch, lines, rejected);
    }

    fn count_accepted(&self, batch: &Batch, lines: &[usize], rejected: u64) {
        self.stats.gauges().note_success();
        let number = lines.len() as u64;
        let accepted = number.saturating_sub(rejected);
        self.stats.add(Counter::shipped, accepted);
        // Which lines were rejected is not known, so their bytes are estimated.
        let bytes = bytes_of(batch, lines) * accepted / number;
        self.stats.add(Counter::shipped_bytes, bytes);
    }

    /// Appends lines to the file of rejected lines. Repeats this until it succeeds, because the lines are nowhere else once the cursor has
    /// moved past them.
    pub(super) fn keep_rejected(
        &self,
        batch: &Batch,
        rejected: &[(usize, Rc<str>)],
    ) -> Result<(), Stopped> {
        let Some((_, why)) = rejected.last() else {
            return Ok(());
        };
        let path = self.rejected.path();
        let mut backoff = Backoff::default();
        loop {
            let lines = rejected.iter().filter_map(|(index, why)| {
                let line: Line<'_> = batch.line(*index)?;
                Some((line, &**why))
            });
            match self.rejected.append(lines) {
                Ok(removed) => {
                    self.note_removed(removed);
                    break;
                }
                Err(error) => self.reporter.report_problem(format!(
                    "a rejected line cannot be written to {}: {error}",
                    path.display()
                )),
            }
            self.control.wait(backoff.next(None))?;
        }
        self.reporter.report_rejected(why, path);
        Ok(())
    }

    fn note_removed(&self, bytes: u64) {
        if bytes > 0 {
            self.stats.add(Counter::rejected_bytes_removed, bytes);
            self.reporter.report_problem(format!(
                "{} is full, and the file with the oldest rejected lines was removed ({bytes} bytes)",
                self.rejected.path().display()
            ));
        }
    }
}

pub(super) fn bytes_of(batch: &Batch, lines: &[usize]) -> u64 {
    let lines = lines.iter().filter_map(|index| batch.line(*index));
    lines.map(|line| line.text().len() as u64 + 1).sum()
}
