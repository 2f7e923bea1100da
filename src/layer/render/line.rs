//! Renders one line from its parts.

use super::{
    buffers::{Buffers, Thread},
    callsite::Callsite,
    closing::Closing,
    format::Format,
    limit,
    renderer::Renderer,
    settings::SpanFields,
    span_lines::{Chain, SpanLines, fields_of},
};
use crate::{
    burst::Pass,
    json::{Clock, Members, UnixTime, push_few, push_u64, push_unique, redact, redact_escaped},
    trace_context::TraceContext,
};

/// The parts of a line that are not in the buffers. The buffers have the message, the event's fields and the baggage.
pub(in crate::layer) struct LineParts<'a, S> {
    pub(in crate::layer) callsite: &'a Callsite,
    /// `None` if the line has no limit, and the time of now.
    pub(in crate::layer) pass: Option<&'a Pass<'a>>,
    pub(in crate::layer) context: Option<&'a TraceContext>,
    pub(in crate::layer) span: Option<&'a S>,
    pub(in crate::layer) closing: Option<&'a Closing>,
    /// The line is held until its trace is released.
    pub(in crate::layer) is_held: bool,
}

impl<S> Clone for LineParts<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for LineParts<'_, S> {}

impl<'a, S> LineParts<'a, S> {
    #[inline]
    pub(in crate::layer) fn of_event(
        callsite: &'a Callsite,
        context: Option<&'a TraceContext>,
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
        let is_plain = parts.callsite.is_plain
            && parts.pass.is_none()
            && parts.closing.is_none()
            && !parts.is_held;
        if is_plain {
            self.render_as::<S, true>(buffers, parts);
        } else {
            self.render_as::<S, false>(buffers, parts);
        }
    }

    /// Renders the line. If it is plain, nothing is asked whose answer is known.
    fn render_as<S: Chain, const IS_PLAIN: bool>(
        &self,
        buffers: &mut Buffers,
        parts: &LineParts<'_, S>,
    ) {
        let format = &self.format;
        let settings = &format.settings;
        let parts = &if IS_PLAIN {
            LineParts::of_event(parts.callsite, parts.context, parts.span, None)
        } else {
            *parts
        };
        if !IS_PLAIN && format.needs_preparation {
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
            counts,
            thread,
        } = buffers;

        line.clear();
        format.start.push(line);
        let time = parts.pass.map_or_else(UnixTime::now, |pass| pass.time);
        clock.push(line, time, settings.precision);
        parts.callsite.head.push(line);
        push_few(line, message);
        parts.callsite.tail.push(line);
        let ids_start = line.len();
        if let Some(context) = parts.context {
            let is_own = parts.closing.is_none_or(|closing| closing.is_own);
            last_ids.push(line, self, context, is_own);
        }
        if !IS_PLAIN && let Some(record_uid) = &format.record_uid {
            record_uid.push(line, time, last_uid);
        }
        let ids_end = line.len();
        if !parts.callsite.after_ids.is_empty() {
            line.extend_from_slice(&parts.callsite.after_ids);
        }
        if !IS_PLAIN && settings.thread_ids | settings.thread_names {
            self.push_thread(line, thread.as_ref());
        }

        let fixed_end = self.push_spans::<S, IS_PLAIN>(line, fields, baggage, clock, parts);
        line.extend_from_slice(b"}\n");

        match parts.context {
            // Counted if it is written.
            Some(_) if parts.is_held => {}
            Some(_) => counts.count_stamped(self),
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
    #[inline]
    fn push_spans<S: Chain, const IS_PLAIN: bool>(
        &self,
        line: &mut Vec<u8>,
        fields: &Members,
        baggage: &Members,
        clock: &mut Clock,
        parts: &LineParts<'_, S>,
    ) -> usize {
        let format = &self.format;
        let span_fields = if IS_PLAIN {
            SpanFields::Flatten
        } else {
            format.settings.span_fields
        };
        let span: Option<(&S, &SpanLines)> =
            parts.span.and_then(|span| Some((span, span.lines()?)));
        if let Some((_, span)) = span
            && (span_fields != SpanFields::Off || parts.callsite.is_span())
        {
            span.exported_name.push_member(&span.callsite, line);
        }
        let mut locked = None;
        let flat = match span {
            Some((leaf, lines)) if span_fields != SpanFields::Off => {
                Some(fields_of(format, leaf, lines, &mut locked))
            }
            _ => None,
        };
        if span_fields == SpanFields::List
            && let Some(flat) = flat
        {
            line.extend_from_slice(&format.spans);
            line.push(b'[');
            line.extend_from_slice(&flat.list);
            line.push(b']');
        }
        if !IS_PLAIN {
            self.push_last_fixed(line, clock, parts);
        }
        let fixed_end = line.len();
        let none = Members::default();
        let of_spans = flat.map_or(&none, |flat| &flat.members);
        self.push_fields(line, [baggage, of_spans, fields]);
        fixed_end
    }

    /// Appends the last fixed keys: the parent, those of closing lines, the number of lines that were left out, and whether the line is
    /// held.
    #[inline(never)]
    fn push_last_fixed<S: Chain>(
        &self,
        line: &mut Vec<u8>,
        clock: &mut Clock,
        parts: &LineParts<'_, S>,
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
        let suppressed = parts.pass.map_or(0, Pass::take_suppressed);
        if suppressed > 0 {
            line.extend_from_slice(&format.suppressed);
            push_u64(line, suppressed);
        }
        if parts.is_held {
            line.extend_from_slice(&format.held);
        }
    }

    /// Appends the id of the parent of the line's span, if it is known.
    fn push_parent<S: Chain>(&self, line: &mut Vec<u8>, parts: &LineParts<'_, S>) {
        let parent = match (parts.closing, parts.span, parts.context) {
            (Some(closing), _, _) => closing.parent,
            (None, Some(span), Some(context)) => span.parent_span_id_of(context),
            _ => None,
        };
        if let Some(parent) = parent {
            self.format.parent.push(line, parent);
        }
    }

    /// Appends the user's fields. An event's field hides a span's of the same name, and a span's hides baggage.
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
            push_unique(line, &sets, reserved);
        }
    }
}
