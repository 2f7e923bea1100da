//! Events by which `LogTracer` of `tracing-log` hands over records of `log`: `tracing_subscriber`'s own `init()` installs it.
//!
//! All records of a level share one call site, whose target is `log`. The record's own target, module, file and line are fields. Such a
//! call site is recognised when a layer sees it for the first time; other events cost nothing.

use super::{callsite::Callsite, core::Core};
use crate::site::{self, Name, Place};
use std::{fmt, sync::Arc};
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

/// Whether a call site is that of such events.
pub(super) fn is_log_tracers(metadata: &Metadata<'_>) -> bool {
    metadata.name() == EVENTS
        && metadata.target() == "log"
        && metadata
            .fields()
            .iter()
            .map(|field| field.name())
            .eq(FIELDS)
}

/// The call site of the record in an event of such a call site.
#[cold]
pub(super) fn callsite(core: &Core, shared: &Callsite, event: &Event<'_>) -> Arc<Callsite> {
    let mut record = Record::default();
    event.record(&mut record);
    let place = Place {
        events: EVENTS,
        level: *shared.metadata.level(),
        target: Name::Borrowed(record.target.as_deref().unwrap_or("log")),
        module: record.module.as_deref().map(Name::Borrowed),
        file: record.file.as_deref().map(Name::Borrowed),
        line: record.line,
    };
    // Its only key is the message, which is the first field of the event.
    match site::find(&place, &[]) {
        Some(site) => core.callsites.get(core, site.metadata()),
        None => {
            let own = place.metadata_beside(shared.metadata);
            Arc::new(Callsite::at(core, shared.metadata, &own))
        }
    }
}

/// Where a record was logged.
#[derive(Default)]
struct Record {
    target: Option<String>,
    module: Option<String>,
    file: Option<String>,
    line: Option<u32>,
}

impl Visit for Record {
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
