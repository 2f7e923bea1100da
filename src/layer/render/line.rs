//! Renders one line from its parts.

use super::{
    buffers::{Buffers, Thread},
    callsite::Callsite,
    closing::Closing,
    format::Format,
    limit,
    renderer::Renderer,
    settings::SpanFields,
    span_lines::{Chain, SpanLines, with_fields},
};
use crate::{
    burst::Pass,
    json::{Clock, Members, UnixTime, push_u64, redact, redact_escaped, unique},
    trace_context::TraceContext,
};

/// The parts of a line that are not in the buffers. The buffers have the message, the event's fields and the baggage.
pub(in crate::layer) struct LineParts<'a, S> {
    pub(in crate::layer) callsite: &'a Callsite,
    /// `None` if the line has no limit, and the time of now.
    pub(in crate::layer) pass: Option<&'a Pass<'a>>,
    pub(in crate::layer) context: Option<TraceContext>,
    pub(in crate::layer) span: Option<&'a S>,
    pub(in crate::layer) closing: Option<&'a Closing>,
    /// The line is held until its trace is released.
    pub(in crate::layer) is_held: bool,
}

impl<'a, S> LineParts<'a, S> {
    #[inline]
    pub(in crate::layer) fn of_event(
        callsite: &'a Callsite,
        context: Option<TraceContext>,
        span: Option<&'a S>,
        pass: Option<&'a Pass<'a>>,
    ) -> Self {
        Self {
            callsite,
            pass,
            context,
            span,
            closing: None,
            is_held: false,
        }
    }
}

impl Renderer {
    /// Renders the line of a span's lifecycle with this message.
    pub(in crate::layer) fn render_lifecycle<S: Chain>(
        &self,
        buffers: &mut Buffers,
        message: &'static str,
        parts: &LineParts<'_, S>,
    ) {
        buffers.message.extend_from_slice(message.as_bytes());
        self.render(buffers, parts);
    }

    /// Renders the line into `buffers.line`. Runs no user code.
    pub(in crate::layer) fn render<S: Chain>(
        &self,
        buffers: &mut Buffers,
        parts: &LineParts<'_, S>,
    ) {
        let format = &self.format;
        let settings = &format.settings;
        if format.needs_preparation {
            self.prepare(buffers);
        }
        let Buffers {
            line,
            message,
            fields,
            baggage,
            clock,
            last_ids,
            last_uid,
            thread,
        } = buffers;

        line.clear();
        format.start.push(line);
        let time = parts.pass.map_or_else(UnixTime::now, |pass| pass.time);
        clock.push(line, time, settings.precision);
        parts.callsite.head.push(line);
        line.extend_from_slice(message);
        parts.callsite.tail.push(line);
        let ids_start = line.len();
        if let Some(context) = parts.context {
            let is_own = parts.closing.is_none_or(|closing| closing.is_own);
            last_ids.push(line, self, context, is_own);
        }
        if let Some(record_uid) = &format.record_uid {
            record_uid.push(line, time, last_uid);
        }
        let ids_end = line.len();
        if !parts.callsite.after_ids.is_empty() {
            line.extend_from_slice(&parts.callsite.after_ids);
        }
        if settings.thread_ids | settings.thread_names {
            self.push_thread(line, thread.as_ref());
        }

        let fixed_end = self.push_spans(line, fields, baggage, clock, parts);
        line.extend_from_slice(b"}\n");

        match parts.context {
            // Counted if it is written.
            Some(_) if parts.is_held => {}
            Some(_) => self.stats.count_stamped(),
            None => parts.callsite.count_unstamped(&self.stats),
        }
        if line.len() > settings.max_line_bytes {
            limit::cut(
                line,
                &limit::Sections {
                    ids: ids_start..ids_end,
                    user: fixed_end,
                },
                settings.max_line_bytes,
                &format.truncated,
            );
            self.stats.count_truncated();
        }
    }

    /// Makes the buffers ready for a line: the name of the thread, and the secrets that patterns find.
    #[inline(never)]
    fn prepare(&self, buffers: &mut Buffers) {
        let Format {
            settings, rules, ..
        } = &self.format;
        if settings.thread_ids || settings.thread_names {
            buffers.thread.get_or_insert_with(Thread::current);
        }
        redact_escaped(&mut buffers.message, rules);
        redact(&mut buffers.fields, rules);
        redact(&mut buffers.baggage, rules);
    }

    /// Appends the members about the thread.
    #[inline(never)]
    fn push_thread(&self, line: &mut Vec<u8>, thread: Option<&Thread>) {
        let Some(thread) = thread else { return };
        let format = &self.format;
        if format.settings.thread_ids {
            line.extend_from_slice(&format.thread_id);
            line.extend_from_slice(&thread.id);
        }
        if format.settings.thread_names
            && let Some(name) = &thread.name
        {
            line.extend_from_slice(&format.thread_name);
            line.push(b'"');
            line.extend_from_slice(name);
            line.push(b'"');
        }
    }

    /// Appends the members about spans, and the user's fields. Returns where the fixed keys end.
    fn push_spans<S: Chain>(
        &self,
        line: &mut Vec<u8>,
        fields: &Members,
        baggage: &Members,
        clock: &mut Clock,
        parts: &LineParts<'_, S>,
    ) -> usize {
        let format = &self.format;
        let settings = &format.settings;
        let span: Option<(&S, &SpanLines)> =
            parts.span.and_then(|span| Some((span, span.lines()?)));
        let is_lifecycle = parts.callsite.is_span();
        if let Some((_, span)) = span
            && (is_lifecycle || settings.span_fields != SpanFields::Off)
        {
            span.exported_name.push_member(&span.callsite, line);
        }
        let push_last_fixed = |line: &mut Vec<u8>, clock: &mut Clock| {
            let suppressed = parts.pass.map_or(0, Pass::take_suppressed);
            if settings.parent_span_id | parts.closing.is_some() | (suppressed > 0) {
                self.push_last_fixed(line, clock, parts, suppressed);
            }
            if parts.is_held {
                line.extend_from_slice(&format.held);
            }
            line.len()
        };
        match span {
            Some((leaf, lines)) if settings.span_fields != SpanFields::Off => {
                with_fields(format, leaf, lines, |flat| {
                    if settings.span_fields == SpanFields::List {
                        line.extend_from_slice(&format.spans);
                        line.push(b'[');
                        line.extend_from_slice(&flat.list);
                        line.push(b']');
                    }
                    let fixed_end = push_last_fixed(line, clock);
                    self.push_fields(line, [baggage, &flat.members, fields]);
                    fixed_end
                })
            }
            _ => {
                let fixed_end = push_last_fixed(line, clock);
                self.push_fields(line, [baggage, &Members::default(), fields]);
                fixed_end
            }
        }
    }

    /// Appends the last fixed keys: the parent, those of closing lines, and the number of lines that were left out.
    #[inline(never)]
    fn push_last_fixed<S: Chain>(
        &self,
        line: &mut Vec<u8>,
        clock: &mut Clock,
        parts: &LineParts<'_, S>,
        suppressed: u64,
    ) {
        let format = &self.format;
        let settings = &format.settings;
        if settings.parent_span_id || parts.closing.is_some() {
            self.push_parent(line, parts);
        }
        if let Some(closing) = parts.closing {
            let unit = settings.schema.duration;
            closing.push(line, &format.closing, unit, clock, settings.precision);
        }
        if suppressed > 0 {
            line.extend_from_slice(&format.suppressed);
            push_u64(line, suppressed);
        }
    }

    /// Appends the id of the parent of the line's span, if it is known.
    fn push_parent<S: Chain>(&self, line: &mut Vec<u8>, parts: &LineParts<'_, S>) {
        let parent = match (parts.closing, parts.span, &parts.context) {
            (Some(closing), _, _) => closing.parent,
            (None, Some(span), Some(context)) => span.parent_span_id_of(context),
            _ => None,
        };
        if let Some(parent) = parent {
            self.format.parent.push(line, parent);
        }
    }

    /// Appends the user's fields. An event's field hides a span's of the same name, and a span's hides baggage.
    /// Inlined, because it is called in two places, and is a part of nearly each line.
    #[inline(always)]
    fn push_fields(&self, line: &mut Vec<u8>, sets: [&Members; 3]) {
        let [baggage, span, event] = sets;
        let reserved = &self.format.reserved;
        let differ = event.is_disjoint(span, reserved)
            && event.is_unique()
            && (baggage.is_empty()
                || (baggage.is_unique()
                    && baggage.is_disjoint(span, reserved)
                    && baggage.is_disjoint(event, reserved)));
        if differ {
            if !baggage.is_empty() {
                line.extend_from_slice(baggage.text());
            }
            line.extend_from_slice(span.text());
            line.extend_from_slice(event.text());
        } else {
            line.extend_from_slice(unique(&sets, reserved).text());
        }
    }
}
