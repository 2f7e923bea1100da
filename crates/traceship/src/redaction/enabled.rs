use crate::{
    batch::{Batch, Source},
    error::Error,
};
use log_files::LineReader;
use log_redaction::{Redaction, Redactor};
use std::collections::BTreeMap;

/// The rules of a shipper, if it has any.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules(Option<Prepared>);

#[derive(Clone, Debug)]
struct Prepared {
    redaction: Redaction,
    redactor: Redactor,
    /// Distinguishes these rules from those of an earlier start.
    fingerprint: u32,
    has_random_pseudonyms: bool,
}

impl Rules {
    /// Prepares rules that leave these members of a line as they are, beside those with the usual names of time, level and ids.
    pub(crate) fn new(redaction: Redaction, keep: &[String]) -> Self {
        if redaction.rules().next().is_none() {
            return Self(None);
        }
        Self(Some(Prepared {
            redactor: redaction.clone().keep(keep).build(),
            fingerprint: fingerprint(&redaction),
            has_random_pseudonyms: redaction.has_random_pseudonyms(),
            redaction,
        }))
    }

    /// Sets the members of a line that are left as they are.
    pub(crate) fn keep(&mut self, keys: &[String]) {
        if let Some(rules) = self.0.take() {
            *self = Self::new(rules.redaction, keys);
        }
    }

    /// Checks that a line has the same text each time it is read.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.0 {
            Some(rules) if rules.has_random_pseudonyms => Err(Error::invalid_input(
                "pseudonyms need a key, so that a line is the same when it is sent again: set one by `Redaction::with_pseudonym_key`",
            )),
            _ => Ok(()),
        }
    }

    /// Redacts the lines of a batch, except those that these rules have redacted before, because a second time could change pseudonyms.
    /// Times, ids and offsets stay as they are. A line of which nothing is left is removed, as empty lines are.
    pub(crate) fn redact(&self, batch: &mut Batch, reader: &LineReader) {
        let Some(rules) = &self.0 else {
            return;
        };
        let Batch {
            text,
            changed,
            lines,
            ..
        } = batch;
        lines.retain_mut(|entry| {
            if entry.redacted_by.replace(rules.fingerprint) == Some(rules.fingerprint) {
                return true;
            }
            let text = match entry.source {
                Source::File => &**text,
                Source::Changed => changed,
            };
            let line = text.get(entry.range.clone()).unwrap_or_default();
            let Some(redacted) = rules.redactor.line(line) else {
                return true;
            };
            let redacted = redacted.trim_ascii_end();
            entry.source = Source::Changed;
            entry.range = changed.len()..changed.len() + redacted.len();
            entry.located = reader.locate(redacted);
            changed.extend_from_slice(redacted);
            !redacted.is_empty()
        });
    }

    /// Returns how often each rule has replaced something. Rules of the same name count as one.
    pub(crate) fn counts(&self) -> Vec<(String, u64)> {
        let counts = self.0.iter().flat_map(|rules| rules.redactor.counts());
        let mut all = BTreeMap::<String, u64>::new();
        for rule in counts {
            *all.entry(rule.rule).or_default() += rule.count;
        }
        all.into_iter().collect()
    }
}

/// Returns a number that changes with the names of the rules and with what they put in the place of secrets.
fn fingerprint(redaction: &Redaction) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for (name, replacement) in redaction.rules() {
        hasher.update(format!("{name}={replacement:?}\n").as_bytes());
    }
    hasher.finalize()
}
