use super::source_prefix::source_prefix;
use crate::{id::TraceId, record::Record};
use log_files::Wrapping;
use std::{borrow::Cow, path::Path, sync::Arc};

/// A line of a trace.
#[derive(Clone, Debug)]
pub struct Line {
    pub(crate) source: Arc<Path>,
    pub(crate) offset: u64,
    pub(crate) raw: Vec<u8>,
    pub(crate) following: Vec<Vec<u8>>,
    /// How many lines after `following` are not kept.
    pub(crate) left_out: usize,
    pub(crate) is_cut: bool,
    pub(crate) is_mention: bool,
    pub(crate) record: Record,
}

impl Line {
    /// The file, or `-` for standard input.
    #[must_use]
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// Where the line begins in the text of the file, in bytes.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The line as it is in the file, without its newline and without NUL bytes. If a container runtime has split it into parts, they are
    /// joined.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The lines after it that belong to it, such as those of a stack trace, as they are in the file.
    pub fn following(&self) -> impl Iterator<Item = &[u8]> {
        self.following.iter().map(Vec::as_slice)
    }

    /// Whether the end of the line is missing, or lines after it that belong to it, because they are too long to be kept.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut || self.left_out > 0
    }

    /// How many lines belong to it and are missing, because those of [`following`](Self::following) take 4 MiB.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Whether the line belongs to another trace, and has the id of this one in another field, such as a link.
    #[must_use]
    pub fn is_mention(&self) -> bool {
        self.is_mention
    }

    /// What the line means.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The text that the application wrote, without what a container runtime has put around it.
    pub(crate) fn text(&self) -> Cow<'_, [u8]> {
        unwrapped(&self.raw)
    }

    /// The texts of the lines after it, also without the prefix that the line itself has.
    pub(crate) fn following_texts(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let prefix = self.raw.get(..source_prefix(&self.raw)).unwrap_or_default();
        self.following()
            .map(|line| unwrapped(line.strip_prefix(prefix).unwrap_or(line)))
    }

    /// The trace id that the line itself has, if it is understood.
    pub(crate) fn own_id(&self) -> Option<TraceId> {
        TraceId::from_hex(self.record.trace_id.as_deref()?)
    }

    /// Sets what the line is for the trace with an id.
    pub(crate) fn assign(&mut self, id: TraceId) {
        self.is_mention = self.own_id().is_some_and(|own| !own.agrees_with(id));
    }
}

fn unwrapped(line: &[u8]) -> Cow<'_, [u8]> {
    let part = Wrapping::detect(line).and_then(|wrapping| wrapping.part(line));
    part.map_or(Cow::Borrowed(line), |part| part.text)
}
