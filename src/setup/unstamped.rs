//! The last line, which reports how many lines had no ids and where most of them were logged.

use crate::{
    json::{push_string, push_u64},
    layer::OwnLines,
    stats::{Stats, UnstampedCallSite},
    writer::LogWriter,
};
use std::io::Write as _;
use tracing_core::{
    Kind, Level, Metadata,
    callsite::{DefaultCallsite, Identifier},
    field::FieldSet,
};
use tracing_subscriber::fmt::MakeWriter as _;

/// Writes that line at shutdown.
pub(super) struct UnstampedReport {
    lines: OwnLines,
}

impl UnstampedReport {
    /// `lines` renders the line.
    pub(super) fn new(lines: OwnLines) -> Self {
        Self { lines }
    }

    /// Writes the line, unless every line had ids.
    pub(super) fn write(mut self, stats: &Stats, writer: &LogWriter) {
        let call_sites = stats.unstamped_call_sites();
        let Some(worst) = call_sites.first() else {
            return;
        };
        let elsewhere = stats.unstamped_elsewhere();
        let named: u64 = call_sites.iter().map(UnstampedCallSite::count).sum();
        let lines = json(|out| push_u64(out, named + elsewhere));
        let number = json(|out| push_u64(out, call_sites.len() as u64));
        let worst = json(|out| push_string(out, &worst.to_string()));
        let elsewhere = (elsewhere > 0).then(|| json(|out| push_u64(out, elsewhere)));
        let mut fields = vec![
            ("lines", &*lines),
            ("call_sites", &*number),
            ("worst", &*worst),
        ];
        fields.extend(elsewhere.as_deref().map(|lines| ("elsewhere", lines)));

        let mut line = Vec::new();
        self.lines
            .push(&mut line, &METADATA, "lines outside of any trace", &fields);
        // The writer counts a line that it does not accept as lost.
        let _ = writer.make_writer_for(&METADATA).write_all(&line);
    }
}

fn json(push: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    push(&mut out);
    out
}

static CALLSITE: DefaultCallsite = DefaultCallsite::new(&METADATA);

static METADATA: Metadata<'static> = Metadata::new(
    "lines outside of any trace",
    "tracing_stamp::setup",
    Level::WARN,
    None,
    None,
    None,
    FieldSet::new(&["message"], Identifier(&CALLSITE)),
    Kind::EVENT,
);
