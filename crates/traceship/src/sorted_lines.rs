//! The lines of a request for which the server has decided about each line.

use super::{
    refusals::{Fault, masked},
    verdict::Verdict,
};
use std::time::Duration;

/// The lines of a request, by the verdict of each.
#[derive(Default)]
pub(super) struct SortedLines {
    pub(super) accepted: Vec<usize>,
    pub(super) again: Vec<usize>,
    pub(super) invalid: Vec<(usize, Fault, String)>,
    pub(super) unknown: Vec<(usize, String)>,
    pub(super) after: Option<Duration>,
    pub(super) why: String,
    pub(super) is_slow: bool,
    pub(super) failed: Vec<usize>,
}

impl SortedLines {
    pub(super) fn add(&mut self, index: usize, verdict: Verdict) {
        match verdict {
            Verdict::Accepted | Verdict::Repeated | Verdict::PartlyAccepted { .. } => {
                self.accepted.push(index)
            }
            Verdict::Refused {
                fault: Fault::Unknown,
                why,
            } => self.unknown.push((index, why)),
            Verdict::Refused { fault, why } => self.invalid.push((index, fault, why)),
            Verdict::PerLine(_) => self.again.push(index),
            Verdict::Retry { after, why } => {
                self.after = self.after.max(after);
                self.repeat(index, why);
            }
            Verdict::TimedOut { why } => self.repeat(index, why),
            Verdict::Failed { why, .. } => {
                self.failed.push(index);
                self.why = why;
            }
            Verdict::RetrySlowly { why } => {
                self.is_slow = true;
                self.repeat(index, why);
            }
        }
    }

    pub(super) fn repeat(&mut self, index: usize, why: String) {
        self.again.push(index);
        self.why = why;
    }

    /// Returns whether several lines are refused, all of them with the same message.
    pub(super) fn unknown_are_refused_alike(&self) -> bool {
        let mut words = self.unknown.iter().map(|(_, why)| masked(why));
        let first = words.next();
        self.unknown.len() > 1 && words.all(|words| Some(words) == first)
    }
}
