//! Lines that this crate writes about itself, in the same schema as all others.

use super::{callsite::Callsite, core::Core, line::Parts, scratch::Buffers, settings::Settings};
use crate::{json::push_escaped, schema::Schema};
use opentelemetry::KeyValue;
use tracing_core::Metadata;

/// Makes such lines.
pub(crate) struct OwnLines {
    core: Core,
    buffers: Buffers,
}

impl OwnLines {
    pub(crate) fn new(schema: Schema, resource: Vec<KeyValue>) -> Self {
        Self {
            core: Core::new(Settings {
                schema,
                resource,
                ..Settings::default()
            }),
            buffers: Buffers::default(),
        }
    }

    /// Appends the line of a call site with a message and fields, whose values are JSON.
    pub(crate) fn push(
        &mut self,
        out: &mut Vec<u8>,
        metadata: &'static Metadata<'static>,
        message: &str,
        fields: &[(&str, &[u8])],
    ) {
        let Self { core, buffers } = self;
        buffers.message.clear();
        push_escaped(&mut buffers.message, message);
        buffers.fields.clear();
        for (name, value) in fields {
            let reserved = &core.prepared().reserved;
            buffers
                .fields
                .push_named(name, reserved, |out| out.extend_from_slice(value));
        }
        let callsite = Callsite::at(core, metadata, metadata);
        core.make_line(buffers, &Parts::of_event(&callsite, None, None));
        out.extend_from_slice(&buffers.line);
    }
}
