//! Records from other logging crates whose event is of a call site that they share.

use super::{callsite::Callsite, core::Core, log_tracer, scratch::Buffers};
use crate::{
    json::{Captured, push_sources},
    site::{self, Unplaced},
};
use std::{error::Error as _, rc::Rc, sync::Arc};
use tracing_core::Event;

/// A record whose event is under way, with the call site that it would have.
pub(super) struct Placed {
    pub(super) callsite: Arc<Callsite>,
    /// `None` where the event's fields are the record's.
    record: Option<Rc<Unplaced>>,
}

impl Placed {
    /// `None` where an event is of a shared call site and not of such a record, which nobody logs.
    #[cold]
    pub(super) fn of(core: &Core, shared: &Callsite, event: &Event<'_>) -> Option<Self> {
        if shared.is_log_tracers {
            return Some(Self {
                callsite: log_tracer::callsite(core, shared, event),
                record: None,
            });
        }
        let record = site::unplaced()?;
        let own = record.place().metadata_beside(shared.metadata);
        Some(Self {
            callsite: Arc::new(Callsite::at(core, shared.metadata, &own)),
            record: Some(record),
        })
    }

    /// Puts the record's fields in the place of those that its event shows to other layers.
    pub(super) fn take_fields(&self, core: &Core, buffers: &mut Buffers) {
        let Some(record) = &self.record else {
            return;
        };
        let prepared = core.prepared();
        let fields = &mut buffers.fields;
        fields.clear();
        for (name, value) in &record.fields {
            if *value == Captured::Nothing {
                continue;
            }
            fields.push_named(name, &prepared.reserved, |out| {
                value.push(out, &prepared.rules)
            });
            if let Captured::Error(error) = value
                && let Some(source) = error.source()
            {
                let name = format!("{name}{}", prepared.rules.sources_suffix);
                fields.push_named(&name, &prepared.reserved, |out| {
                    push_sources(out, source, &prepared.rules);
                });
            }
        }
    }
}
