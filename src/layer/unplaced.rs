//! Records from other logging crates that have no call site of their own.

use super::{callsite::Callsite, core::Core, scratch::Buffers};
use crate::{
    json::{Captured, push_sources},
    site::{self, Unplaced},
};
use std::{error::Error as _, rc::Rc};

/// The record whose event is under way, with a call site made for it alone.
pub(super) struct Placed {
    pub(super) callsite: Callsite,
    record: Rc<Unplaced>,
}

impl Placed {
    /// `None` where an event is of a shared call site and not of such a record, which nobody logs.
    #[cold]
    pub(super) fn of(core: &Core, shared: &Callsite) -> Option<Box<Self>> {
        let record = site::unplaced()?;
        let own = record.place().metadata_beside(shared.metadata);
        let callsite = Callsite::at(core, shared.metadata, &own);
        Some(Box::new(Self { callsite, record }))
    }

    /// Puts the record's fields in the place of those that its event shows to other layers.
    pub(super) fn take_fields(&self, core: &Core, buffers: &mut Buffers) {
        let prepared = core.prepared();
        let fields = &mut buffers.fields;
        fields.clear();
        for (name, value) in &self.record.fields {
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
