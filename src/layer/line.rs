//! One line from its parts.

use super::{
    callsite::Callsite, core::Core, life::Closing, limit, scratch::Buffers, settings::SpanFields,
    span_state::SpanState,
};
use crate::{
    json::{Clock, Members, unique},
    trace_context::TraceContext,
};
use std::time::SystemTime;

/// What a line is made of, beside what the buffers hold: the message, the event's fields and the baggage.
pub(super) struct Parts<'a> {
    pub(super) callsite: &'a Callsite,
    pub(super) time: SystemTime,
    pub(super) context: Option<TraceContext>,
    pub(super) span: Option<&'a SpanState>,
    pub(super) closing: Option<&'a Closing>,
}

impl<'a> Parts<'a> {
    #[inline]
    pub(super) fn of_event(
        callsite: &'a Callsite,
        context: Option<TraceContext>,
        span: Option<&'a SpanState>,
    ) -> Self {
        Self {
            callsite,
            time: SystemTime::now(),
            context,
            span,
            closing: None,
        }
    }
}

impl Core {
    /// Makes the line in `buffers.line`. Runs no user code.
    pub(super) fn make_line(&self, buffers: &mut Buffers, parts: &Parts<'_>) {
        let prepared = self.prepared();
        let settings = &self.settings;
        if settings.thread_ids || settings.thread_names {
            buffers.thread();
        }
        let Buffers {
            line,
            message,
            fields,
            baggage,
            clock,
            thread,
        } = buffers;

        line.clear();
        line.extend_from_slice(&prepared.start);
        clock.push(line, parts.time, settings.precision);
        line.extend_from_slice(&parts.callsite.head);
        line.extend_from_slice(message);
        line.extend_from_slice(&parts.callsite.tail);
        let ids_start = line.len();
        if let Some(context) = &parts.context {
            let is_own = parts.closing.is_none_or(|closing| closing.is_own);
            prepared.ids.push(line, context, is_own);
        }
        let ids_end = line.len();
        line.extend_from_slice(&parts.callsite.place);
        if let Some(thread) = thread {
            if settings.thread_ids {
                line.extend_from_slice(&prepared.thread_id);
                line.extend_from_slice(&thread.id);
            }
            if settings.thread_names
                && let Some(name) = &thread.name
            {
                line.extend_from_slice(&prepared.thread_name);
                line.push(b'"');
                line.extend_from_slice(name);
                line.push(b'"');
            }
        }

        let fixed_end = self.push_spans(line, fields, baggage, clock, parts);
        line.extend_from_slice(b"}\n");

        match parts.context {
            Some(_) => settings.stats.count_stamped(),
            None => parts.callsite.count_unstamped(&settings.stats),
        }
        if line.len() > settings.max_line_bytes {
            limit::cut(
                line,
                &limit::Sections {
                    ids: ids_start..ids_end,
                    user: fixed_end,
                },
                settings.max_line_bytes,
                &prepared.truncated,
            );
            settings.stats.count_truncated();
        }
    }

    /// Appends what comes of spans, and the user's fields; where the fixed keys end.
    fn push_spans(
        &self,
        line: &mut Vec<u8>,
        fields: &Members,
        baggage: &Members,
        clock: &mut Clock,
        parts: &Parts<'_>,
    ) -> usize {
        let settings = &self.settings;
        let prepared = self.prepared();
        let is_life = parts.callsite.is_span();
        if let Some(span) = parts.span
            && (is_life || settings.span_fields != SpanFields::Off)
        {
            span.exported_name.push_member(&span.callsite, line);
        }
        let push_closing = |line: &mut Vec<u8>, clock: &mut Clock| {
            if let Some(closing) = parts.closing {
                let unit = settings.schema.duration;
                closing.push(line, &prepared.closing, unit, clock, settings.precision);
            }
            line.len()
        };
        match parts.span {
            Some(span) if settings.span_fields != SpanFields::Off => {
                span.flat.with(self, span, |flat| {
                    if settings.span_fields == SpanFields::List {
                        line.extend_from_slice(&prepared.spans);
                        line.push(b'[');
                        line.extend_from_slice(&flat.list);
                        line.push(b']');
                    }
                    let fixed_end = push_closing(line, clock);
                    self.push_fields(line, [baggage, &flat.members, fields]);
                    fixed_end
                })
            }
            _ => {
                let fixed_end = push_closing(line, clock);
                self.push_fields(line, [baggage, &Members::default(), fields]);
                fixed_end
            }
        }
    }

    /// Appends the user's fields: an event's before a span's before baggage.
    #[inline]
    fn push_fields(&self, line: &mut Vec<u8>, sets: [&Members; 3]) {
        let [baggage, span, event] = sets;
        let differ = event.is_disjoint(span)
            && event.is_unique()
            && (baggage.is_empty()
                || (baggage.is_unique()
                    && baggage.is_disjoint(span)
                    && baggage.is_disjoint(event)));
        if differ {
            line.extend_from_slice(baggage.text());
            line.extend_from_slice(span.text());
            line.extend_from_slice(event.text());
        } else {
            line.extend_from_slice(unique(&sets, &self.prepared().reserved).text());
        }
    }
}
