//! Records from other logging crates that share a call site.

use super::{buffers::Buffers, callsite::Callsite, log_tracer::RecordLocation, renderer::Renderer};
use crate::{
    burst::CallSiteLimit,
    json::{Captured, push_member, push_sources},
    site::{self, Place, Unplaced},
};
use std::{error::Error as _, rc::Rc, sync::Arc};
use tracing_core::Event;

/// The record of the current event, with its own call site.
pub(in crate::layer) struct SharedSiteRecord {
    pub(in crate::layer) callsite: Arc<Callsite>,
    /// `None` if the event's fields are the record's.
    record: Option<Rc<Unplaced>>,
    /// By which the lines of a record without a site of its own are limited: the hash of its place, and of the field that
    /// [`Burst::by`](crate::Burst::by) names.
    key: Option<u64>,
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
                key: key(renderer, shared, &place, None),
                callsite,
                record: None,
            });
        }
        let record = site::unplaced()?;
        let own = record.place().metadata_beside(shared.metadata);
        Some(Self {
            callsite: Arc::new(Callsite::at(format, shared.metadata, &own)),
            key: key(renderer, shared, &record.place(), Some(&record)),
            record: Some(record),
        })
    }

    /// Returns the limit of the record's lines, and their key if it is `shared`, the limit of the shared call site.
    pub(in crate::layer) fn limit<'a>(
        &'a self,
        shared: &'a CallSiteLimit,
    ) -> (&'a CallSiteLimit, Option<u64>) {
        match &self.callsite.limit {
            Some(own) => (own, None),
            None => (shared, self.key),
        }
    }

    /// Replaces the fields of the event, which are for other layers, by the record's.
    pub(in crate::layer) fn take_fields(&self, renderer: &Renderer, buffers: &mut Buffers) {
        let Some(record) = &self.record else {
            return;
        };
        let format = &renderer.format;
        let rules = &format.rules;
        let fields = &mut buffers.fields;
        fields.clear();
        for (name, value) in &record.fields {
            if *value == Captured::Nothing {
                continue;
            }
            let rule = rules.key(name);
            let is_boolean = matches!(value, Captured::Bool(_));
            let is_written = push_member(
                fields,
                name,
                rule.as_ref(),
                is_boolean,
                (&format.reserved, rules),
                |out| match rule {
                    // The replacement of the whole value depends on the value as it is.
                    Some(_) => value.push(out, rules),
                    None => value.push_of(name, out, rules),
                },
            );
            if let Captured::Error(error) = value
                && is_written
                && let Some(source) = error.source()
            {
                let name = format!("{name}{}", rules.sources_suffix);
                fields.push_named(&name, &format.reserved, |out| {
                    push_sources(out, source, rules);
                });
            }
        }
    }
}

/// Returns the key of a record, if the lines of the shared call site are limited.
fn key(
    renderer: &Renderer,
    shared: &Callsite,
    place: &Place<'_>,
    record: Option<&Unplaced>,
) -> Option<u64> {
    let mut hasher = shared.limit.as_ref()?.hasher();
    hasher.add(place);
    let name = renderer
        .limits
        .as_ref()
        .and_then(|limits| limits.key_name());
    if let Some(name) = name
        && let Some(record) = record
        && let Some((_, value)) = record.fields.iter().rfind(|(own, _)| own == name)
    {
        let mut text = Vec::new();
        value.push(&mut text, &renderer.format.rules);
        hasher.add(text);
    }
    Some(hasher.finish())
}
