//! Lines that this crate writes about itself, in the same schema as all others.

use super::{
    buffers::Buffers, callsite::Callsite, line::LineParts, renderer::Renderer,
    settings::LineSettings, span_lines::NoSpan,
};
use crate::{
    burst::Pass, json::push_escaped, schema::Schema, stats::Stats, trace_context::TraceContext,
};
use opentelemetry::KeyValue;
use tracing_core::Metadata;

/// Renders such lines.
pub(crate) struct OwnLines {
    renderer: Renderer,
    buffers: Buffers,
}

impl OwnLines {
    /// Creates a renderer of such lines, which have these settings.
    pub(in crate::layer) fn with_settings(settings: LineSettings) -> Self {
        Self {
            renderer: Renderer::new(settings, Stats::default()),
            buffers: Buffers::default(),
        }
    }

    /// Creates a renderer of such lines. `record_uid` is set if each line has an id of its own.
    pub(crate) fn new(schema: Schema, resource: Vec<KeyValue>, record_uid: bool) -> Self {
        Self::with_settings(LineSettings {
            schema,
            resource,
            record_uid,
            ..LineSettings::default()
        })
    }

    /// Appends the line of a call site with a message and fields. The fields' values are JSON.
    pub(crate) fn push(
        &mut self,
        out: &mut Vec<u8>,
        metadata: &'static Metadata<'static>,
        context: Option<TraceContext>,
        message: &str,
        fields: &[(&str, &[u8])],
    ) {
        let Self { renderer, buffers } = self;
        let format = &renderer.format;
        buffers.message.clear();
        push_escaped(&mut buffers.message, message);
        buffers.fields.clear();
        for (name, value) in fields {
            buffers
                .fields
                .push_named(name, &format.reserved, |out| out.extend_from_slice(value));
        }
        let callsite = Callsite::at(format, metadata, metadata);
        renderer.render(
            buffers,
            &LineParts::<NoSpan>::of_event(&callsite, context, None, None),
        );
        out.extend_from_slice(&buffers.line);
    }

    /// Returns the line about lines of a call site that were left out.
    pub(in crate::layer) fn suppressed(
        &self,
        metadata: &'static Metadata<'static>,
        pass: &Pass<'_>,
    ) -> Vec<u8> {
        let renderer = &self.renderer;
        let callsite = Callsite::at(&renderer.format, metadata, metadata);
        // Not those of the lines before: they know another thread.
        let mut buffers = Buffers::default();
        push_escaped(&mut buffers.message, "lines suppressed");
        let parts = LineParts::<NoSpan>::of_event(&callsite, None, None, Some(pass));
        renderer.render(&mut buffers, &parts);
        buffers.line
    }
}
