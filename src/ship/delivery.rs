//! One batch to the server, until every line of it is there or set aside.

use super::{
    answer::Verdict,
    backoff::Backoff,
    batch::{Batch, Line},
    body::Body,
    client::Client,
    control::Control,
    rejected::Rejected,
    stats::{Counter, Stats},
    target::Target,
    told::Told,
};
use std::sync::Arc;

/// What those who deliver share.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) target: Target,
    pub(super) client: Client,
    pub(super) rejected: Rejected,
    pub(super) stats: Stats,
    pub(super) told: Told,
    pub(super) control: Arc<Control>,
}

/// The time is over; nothing more is known of the batch.
pub(super) struct Stopped;

impl Delivery {
    /// Returns when nothing of the batch is left to do.
    pub(super) fn deliver(&self, batch: &Batch, body: &mut Body) -> Result<(), Stopped> {
        let mut pending: Vec<Vec<usize>> = vec![(0..batch.len()).collect()];
        let mut backoff = Backoff::default();
        while let Some(lines) = pending.pop() {
            if lines.is_empty() {
                continue;
            }
            match self.attempt(batch, &lines, body) {
                Verdict::Taken => {
                    self.taken(batch, &lines);
                    self.told.works();
                    backoff = Backoff::default();
                }
                Verdict::TakenBut { refused, why } => {
                    self.taken(batch, &lines);
                    self.stats.add(Counter::rejected, refused);
                    self.told.refused(&why);
                    backoff = Backoff::default();
                }
                Verdict::Later { after, why } => {
                    self.stats.add(Counter::retried, 1);
                    self.told.failing(&why);
                    pending.push(lines);
                    self.control.wait(backoff.next(after))?;
                }
                Verdict::Refused { why } => {
                    self.stats.add(Counter::retried, 1);
                    self.told.failing(&why);
                    pending.push(lines);
                    self.control.wait(backoff.slow())?;
                }
                Verdict::Wrong { why } => self.split(batch, lines, &why, &mut pending)?,
                Verdict::Each(verdicts) => {
                    self.each(batch, &lines, verdicts, &mut pending, &mut backoff)?;
                }
            }
        }
        Ok(())
    }

    fn attempt(&self, batch: &Batch, lines: &[usize], body: &mut Body) -> Verdict {
        self.target.encode(batch, lines, body);
        self.stats.add(Counter::requests, 1);
        let verdict = self.target.send(&self.client, body.to_send(), lines.len());
        if matches!(verdict, Verdict::Taken | Verdict::Each(_)) {
            self.stats.add(Counter::cut, body.cut);
        }
        verdict
    }

    fn taken(&self, batch: &Batch, lines: &[usize]) {
        let bytes = |line: Line<'_>| line.text().len() as u64 + 1;
        let bytes = lines
            .iter()
            .filter_map(|index| batch.line(*index))
            .map(bytes)
            .sum();
        self.stats.add(Counter::shipped, lines.len() as u64);
        self.stats.add(Counter::shipped_bytes, bytes);
    }

    /// Halves lines of which some are wrong, until those are alone.
    fn split(
        &self,
        batch: &Batch,
        mut lines: Vec<usize>,
        why: &str,
        pending: &mut Vec<Vec<usize>>,
    ) -> Result<(), Stopped> {
        if lines.len() > 1 {
            let behind = lines.split_off(lines.len() / 2);
            pending.push(behind);
            pending.push(lines);
            return Ok(());
        }
        let Some(line) = lines.first().and_then(|index| batch.line(*index)) else {
            return Ok(());
        };
        self.reject(line, why)?;
        // What is older than a line that is too old is too old as well: not to be found out one by one.
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

    /// Where the server answers for each line.
    fn each(
        &self,
        batch: &Batch,
        lines: &[usize],
        verdicts: Vec<Verdict>,
        pending: &mut Vec<Vec<usize>>,
        backoff: &mut Backoff,
    ) -> Result<(), Stopped> {
        let (mut taken, mut again) = (Vec::new(), Vec::new());
        let (mut asked, mut busy, mut is_refused) = (None, String::new(), false);
        for (index, verdict) in lines.iter().zip(verdicts) {
            match verdict {
                Verdict::Taken | Verdict::TakenBut { .. } => taken.push(*index),
                Verdict::Later { after, why } => {
                    again.push(*index);
                    asked = asked.max(after);
                    busy = why;
                }
                Verdict::Refused { why } => {
                    again.push(*index);
                    is_refused = true;
                    busy = why;
                }
                Verdict::Wrong { why } => {
                    if let Some(line) = batch.line(*index) {
                        self.reject(line, &why)?;
                    }
                }
                Verdict::Each(_) => again.push(*index),
            }
        }
        self.taken(batch, &taken);
        if again.is_empty() {
            self.told.works();
            *backoff = Backoff::default();
        } else {
            self.stats.add(Counter::retried, 1);
            self.told.failing(&busy);
            pending.push(again);
            let wait = if is_refused {
                backoff.slow()
            } else {
                backoff.next(asked)
            };
            self.control.wait(wait)?;
        }
        Ok(())
    }

    /// Sets a line aside. Where that fails it is tried until it works: the line is nowhere else once the cursor has passed it.
    fn reject(&self, line: Line<'_>, why: &str) -> Result<(), Stopped> {
        let mut backoff = Backoff::default();
        while let Err(error) = self.rejected.keep(line, why) {
            let path = self.rejected.path().display();
            self.told
                .hindered(format!("a rejected line cannot be kept in {path}: {error}"));
            self.control.wait(backoff.next(None))?;
        }
        self.stats.add(Counter::rejected, 1);
        self.told.rejected(why, self.rejected.path());
        Ok(())
    }
}
