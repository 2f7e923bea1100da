//! Lines that this crate writes about itself, in the same schema as all others.

use super::{
    buffers::Buffers, callsite::Callsite, line::LineParts, renderer::Renderer,
    settings::LineSettings, span_lines::NoSpan,
};
use crate::{
    burst::Pass,
    json::{push_escaped, push_u64},
    schema::Schema,
    stats::Stats,
    trace_context::TraceContext,
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
        message: &str,
        fields: &[(&str, &[u8])],
    ) {
        let Self { renderer, buffers } = self;
        buffers.message.clear();
        buffers.fields.clear();
        let line = Line {
            metadata,
            message,
            fields,
            context: None,
            pass: None,
        };
        line.render(renderer, buffers);
        out.extend_from_slice(&buffers.line);
    }

    /// Returns the line about held lines of a trace that were dropped.
    pub(in crate::layer) fn dropped(
        &self,
        metadata: &'static Metadata<'static>,
        context: TraceContext,
        lines: usize,
    ) -> Vec<u8> {
        let mut number = Vec::new();
        push_u64(&mut number, lines as u64);
        self.line(&Line {
            metadata,
            message: "held lines dropped",
            fields: &[("lines", &number)],
            context: Some(context),
            pass: None,
        })
    }

    /// Returns the line about lines of a call site that were left out.
    pub(in crate::layer) fn suppressed(
        &self,
        metadata: &'static Metadata<'static>,
        pass: &Pass<'_>,
    ) -> Vec<u8> {
        self.line(&Line {
            metadata,
            message: "lines suppressed",
            fields: &[],
            context: None,
            pass: Some(pass),
        })
    }

    fn line(&self, line: &Line<'_>) -> Vec<u8> {
        // Not those of the lines before: they know another thread.
        let mut buffers = Buffers::default();
        line.render(&self.renderer, &mut buffers);
        buffers.line
    }
}

/// A line before it is rendered. The fields' values are JSON.
struct Line<'a> {
    metadata: &'static Metadata<'static>,
    message: &'a str,
    fields: &'a [(&'a str, &'a [u8])],
    context: Option<TraceContext>,
    pass: Option<&'a Pass<'a>>,
}

impl Line<'_> {
    fn render(&self, renderer: &Renderer, buffers: &mut Buffers) {
        let format = &renderer.format;
        push_escaped(&mut buffers.message, self.message);
        for (name, value) in self.fields {
            buffers
                .fields
                .push_named(name, &format.reserved, |out| out.extend_from_slice(value));
        }
        let callsite = Callsite::at(format, self.metadata, self.metadata);
        let parts =
            LineParts::<NoSpan>::of_event(&callsite, self.context.as_ref(), None, self.pass);
        renderer.render(buffers, &parts);
    }
}
