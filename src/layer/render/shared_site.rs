//! Records from other logging crates that share a call site.

use super::{buffers::Buffers, callsite::Callsite, log_tracer::RecordLocation, renderer::Renderer};
use crate::{
    json::{Captured, push_sources},
    site::{self, Unplaced},
};
use std::{error::Error as _, rc::Rc, sync::Arc};
use tracing_core::Event;

/// The record of the current event, with its own call site.
pub(in crate::layer) struct SharedSiteRecord {
    pub(in crate::layer) callsite: Arc<Callsite>,
    /// `None` if the event's fields are the record's.
    record: Option<Rc<Unplaced>>,
}

impl SharedSiteRecord {
    /// Returns `None` if the event at the shared call site is not such a record. No bridge logs such an event.
    #[cold]
    pub(in crate::layer) fn of(
        renderer: &Renderer,
        shared: &Callsite,
        event: &Event<'_>,
    ) -> Option<Self> {
        let format = &renderer.format;
        if shared.is_log_tracers {
            let location = RecordLocation::of(event);
            let place = location.place(shared.metadata);
            // Its only key is the message, which is the first field of the event.
            let callsite = match site::find(&place, &[]) {
                Some(site) => renderer.callsite(site.metadata()),
                None => {
                    let own = place.metadata_beside(shared.metadata);
                    Arc::new(Callsite::at(format, shared.metadata, &own))
                }
            };
            return Some(Self {
                callsite,
                record: None,
            });
        }
        let record = site::unplaced()?;
        let own = record.place().metadata_beside(shared.metadata);
        Some(Self {
            callsite: Arc::new(Callsite::at(format, shared.metadata, &own)),
            record: Some(record),
        })
    }

    /// Replaces the fields of the event, which are for other layers, by the record's.
    pub(in crate::layer) fn take_fields(&self, renderer: &Renderer, buffers: &mut Buffers) {
        let Some(record) = &self.record else {
            return;
        };
        let format = &renderer.format;
        let fields = &mut buffers.fields;
        fields.clear();
        for (name, value) in &record.fields {
            if *value == Captured::Nothing {
                continue;
            }
            fields.push_named(name, &format.reserved, |out| value.push(out, &format.rules));
            if let Captured::Error(error) = value
                && let Some(source) = error.source()
            {
                let name = format!("{name}{}", format.rules.sources_suffix);
                fields.push_named(&name, &format.reserved, |out| {
                    push_sources(out, source, &format.rules);
                });
            }
        }
    }
}
