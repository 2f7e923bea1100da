//! Delivers a batch: sends its lines until each of them is accepted or rejected.

use super::{
    backoff::Backoff,
    batch::{Batch, Line},
    body::Body,
    client::Client,
    control::{Control, Stopped},
    rejected::RejectedFile,
    reporter::Reporter,
    stats::{Counter, Stats},
    target::Target,
    verdict::Verdict,
};
use std::sync::Arc;

/// What all threads that deliver batches share.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) target: Target,
    pub(super) client: Client,
    pub(super) rejected: RejectedFile,
    pub(super) stats: Stats,
    pub(super) reporter: Reporter,
    pub(super) control: Arc<Control>,
}

impl Delivery {
    /// Delivers a batch. Returns when each line is accepted or rejected.
    ///
    /// # Errors
    ///
    /// If the shipper is stopped before.
    pub(super) fn deliver(&self, batch: &Batch, body: &mut Body) -> Result<(), Stopped> {
        let mut pending: Vec<Vec<usize>> = vec![(0..batch.len()).collect()];
        let mut backoff = Backoff::default();
        while let Some(lines) = pending.pop() {
            if lines.is_empty() {
                continue;
            }
            match self.attempt(batch, &lines, body) {
                Verdict::Accepted => {
                    self.count_shipped(batch, &lines);
                    self.reporter.report_working();
                    backoff = Backoff::default();
                }
                Verdict::PartlyAccepted { rejected, why } => {
                    self.count_shipped(batch, &lines);
                    self.stats.add(Counter::rejected, rejected);
                    self.reporter.report_partly_rejected(&why);
                    backoff = Backoff::default();
                }
                Verdict::Retry { after, why } => {
                    self.stats.add(Counter::retried, 1);
                    self.reporter.report_failing(&why);
                    pending.push(lines);
                    self.control.wait(backoff.next(after))?;
                }
                Verdict::RetrySlowly { why } => {
                    self.stats.add(Counter::retried, 1);
                    self.reporter.report_failing(&why);
                    pending.push(lines);
                    self.control.wait(backoff.slow())?;
                }
                Verdict::Invalid { why } => self.split(batch, lines, &why, &mut pending)?,
                Verdict::PerLine(verdicts) => {
                    self.deliver_per_line(batch, &lines, verdicts, &mut pending, &mut backoff)?;
                }
            }
        }
        Ok(())
    }

    fn attempt(&self, batch: &Batch, lines: &[usize], body: &mut Body) -> Verdict {
        self.target.encode(batch, lines, body);
        self.stats.add(Counter::requests, 1);
        let verdict = self.target.send(&self.client, body.bytes(), lines.len());
        if matches!(verdict, Verdict::Accepted | Verdict::PerLine(_)) {
            self.stats.add(Counter::cut, body.cut);
        }
        verdict
    }

    fn count_shipped(&self, batch: &Batch, lines: &[usize]) {
        let bytes = |line: Line<'_>| line.text().len() as u64 + 1;
        let bytes = lines
            .iter()
            .filter_map(|index| batch.line(*index))
            .map(bytes)
            .sum();
        self.stats.add(Counter::shipped, lines.len() as u64);
        self.stats.add(Counter::shipped_bytes, bytes);
    }

    /// Halves a group of lines until each invalid line is alone, and rejects that line.
    fn split(
        &self,
        batch: &Batch,
        mut lines: Vec<usize>,
        why: &str,
        pending: &mut Vec<Vec<usize>>,
    ) -> Result<(), Stopped> {
        if lines.len() > 1 {
            let second_half = lines.split_off(lines.len() / 2);
            pending.push(second_half);
            pending.push(lines);
            return Ok(());
        }
        let Some(line) = lines.first().and_then(|index| batch.line(*index)) else {
            return Ok(());
        };
        self.reject(line, why)?;
        // All lines older than a line that is too old are too old as well, and are rejected without a request for each.
        if why.contains("too old") {
            let limit = line.nanos();
            for group in pending.iter_mut() {
                let is_older = |index: &usize| {
                    batch
                        .line(*index)
                        .is_some_and(|other| other.nanos() <= limit)
                };
                for index in group.iter().copied().filter(|index| is_older(index)) {
                    if let Some(older) = batch.line(index) {
                        self.reject(older, why)?;
                    }
                }
                group.retain(|index| !is_older(index));
            }
        }
        Ok(())
    }

    /// Counts, rejects or repeats each line by its own verdict.
    fn deliver_per_line(
        &self,
        batch: &Batch,
        lines: &[usize],
        verdicts: Vec<Verdict>,
        pending: &mut Vec<Vec<usize>>,
        backoff: &mut Backoff,
    ) -> Result<(), Stopped> {
        let (mut accepted, mut again) = (Vec::new(), Vec::new());
        let (mut retry_after, mut last_error, mut is_slow) = (None, String::new(), false);
        for (index, verdict) in lines.iter().zip(verdicts) {
            match verdict {
                Verdict::Accepted | Verdict::PartlyAccepted { .. } => accepted.push(*index),
                Verdict::Retry { after, why } => {
                    again.push(*index);
                    retry_after = retry_after.max(after);
                    last_error = why;
                }
                Verdict::RetrySlowly { why } => {
                    again.push(*index);
                    is_slow = true;
                    last_error = why;
                }
                Verdict::Invalid { why } => {
                    if let Some(line) = batch.line(*index) {
                        self.reject(line, &why)?;
                    }
                }
                Verdict::PerLine(_) => again.push(*index),
            }
        }
        self.count_shipped(batch, &accepted);
        if again.is_empty() {
            self.reporter.report_working();
            *backoff = Backoff::default();
        } else {
            self.stats.add(Counter::retried, 1);
            self.reporter.report_failing(&last_error);
            pending.push(again);
            let wait = if is_slow {
                backoff.slow()
            } else {
                backoff.next(retry_after)
            };
            self.control.wait(wait)?;
        }
        Ok(())
    }

    /// Appends a line to the file of rejected lines. Repeats this until it succeeds, because the line is nowhere else once the cursor has
    /// moved past it.
    fn reject(&self, line: Line<'_>, why: &str) -> Result<(), Stopped> {
        let mut backoff = Backoff::default();
        while let Err(error) = self.rejected.append(line, why) {
            let path = self.rejected.path().display();
            self.reporter.report_problem(format!(
                "a rejected line cannot be written to {path}: {error}"
            ));
            self.control.wait(backoff.next(None))?;
        }
        self.stats.add(Counter::rejected, 1);
        self.reporter.report_rejected(why, self.rejected.path());
        Ok(())
    }
}
