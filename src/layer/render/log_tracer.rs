//! Events of `LogTracer` from `tracing-log`, which turns records of `log` into events. `tracing_subscriber`'s `init()` installs it.
//!
//! All records of a level share one call site with the target `log`. The record's own target, module, file and line are fields.
//! A layer recognises such a call site when it first sees it, so other events cost nothing.

use crate::site::{Name, Place};
use std::fmt;
use tracing_core::{
    Event, Metadata,
    field::{Field, Visit},
};

/// The name of these events.
const EVENTS: &str = "log event";

const FIELDS: [&str; 5] = [
    "message",
    "log.target",
    "log.module_path",
    "log.file",
    "log.line",
];

/// Returns whether a call site is that of such events.
pub(super) fn is_log_tracers(metadata: &Metadata<'_>) -> bool {
    metadata.name() == EVENTS
        && metadata.target() == "log"
        && metadata
            .fields()
            .iter()
            .map(|field| field.name())
            .eq(FIELDS)
}

/// The location of a record.
#[derive(Default)]
pub(super) struct RecordLocation {
    target: Option<String>,
    module: Option<String>,
    file: Option<String>,
    line: Option<u32>,
}

impl RecordLocation {
    /// Reads the location from the fields of such an event.
    pub(super) fn of(event: &Event<'_>) -> Self {
        let mut location = Self::default();
        event.record(&mut location);
        location
    }

    pub(super) fn place(&self, shared: &Metadata<'_>) -> Place<'_> {
        Place {
            events: EVENTS,
            level: *shared.level(),
            target: Name::Borrowed(self.target.as_deref().unwrap_or("log")),
            module: self.module.as_deref().map(Name::Borrowed),
            file: self.file.as_deref().map(Name::Borrowed),
            line: self.line,
        }
    }
}

impl Visit for RecordLocation {
    fn record_str(&mut self, field: &Field, value: &str) {
        let part = match field.name() {
            "log.target" => &mut self.target,
            "log.module_path" => &mut self.module,
            "log.file" => &mut self.file,
            _ => return,
        };
        *part = Some(value.to_owned());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "log.line" {
            self.line = u32::try_from(value).ok();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
