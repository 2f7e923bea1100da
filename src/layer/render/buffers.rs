//! The parts of a line while it is rendered.

use super::{
    callsite::Callsite, last_ids::LastIds, line_counts::LineCounts, renderer::Renderer,
    uid_sequence::LastUid,
};
use crate::json::{Clock, Members, Record, Value, push_escaped, push_member};
use std::thread;

/// If a line's buffer has grown beyond this, in bytes, all buffers shrink to it.
const KEPT_BYTES: usize = 64 * 1024;

#[derive(Default)]
pub(in crate::layer) struct Buffers {
    /// The finished line.
    pub(in crate::layer) line: Vec<u8>,
    /// The message, escaped.
    pub(super) message: Vec<u8>,
    pub(super) fields: Members,
    pub(super) baggage: Members,
    pub(super) clock: Clock,
    pub(super) last_ids: LastIds,
    pub(super) last_uid: LastUid,
    pub(super) counts: LineCounts,
    pub(super) thread: Option<Thread>,
}

/// The id and name of this thread, as lines have them.
pub(super) struct Thread {
    pub(super) id: Vec<u8>,
    /// Escaped.
    pub(super) name: Option<Vec<u8>>,
}

impl Buffers {
    /// Collects the values of an event. This runs user code.
    #[inline]
    pub(in crate::layer) fn visit(
        &mut self,
        renderer: &Renderer,
        callsite: &Callsite,
        visit: impl FnOnce(&mut Record<'_>),
    ) {
        let format = &renderer.format;
        visit(&mut Record::new(
            &callsite.keys,
            &mut self.fields,
            &mut self.message,
            &format.reserved,
            &format.rules,
            callsite.json_fields(),
        ));
    }

    /// Collects the members of the current baggage that lines may have. `visit` gets their keys, and calls its second argument with each
    /// member.
    #[inline]
    pub(in crate::layer) fn take_baggage(
        &mut self,
        renderer: &Renderer,
        visit: impl FnOnce(&[String], &mut dyn FnMut(&str, &str)),
    ) {
        let format = &renderer.format;
        let keys = &format.settings.baggage;
        if !keys.is_empty() {
            visit(keys, &mut |key, value| {
                let rule = format.baggage_rules.iter().find(|(name, _)| name == key);
                push_member(
                    &mut self.baggage,
                    key,
                    rule.map(|(_, rule)| rule),
                    false,
                    (&format.reserved, &format.rules),
                    |out| Value::Str(value).push(out, &format.rules),
                );
            });
        }
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.message.clear();
        self.fields.clear();
        self.baggage.clear();
        if self.line.capacity() > KEPT_BYTES {
            self.line.clear();
            self.line.shrink_to(KEPT_BYTES);
            self.message.shrink_to(KEPT_BYTES);
            self.fields.shrink_to(KEPT_BYTES);
            self.baggage.shrink_to(KEPT_BYTES);
        }
    }
}

impl Thread {
    pub(super) fn current() -> Self {
        let thread = thread::current();
        // Until `as_u64` is stable, `ThreadId` shows its number only in its `Debug`: `ThreadId(7)`.
        let id = format!("{:?}", thread.id())
            .bytes()
            .filter(u8::is_ascii_digit)
            .collect();
        let name = thread.name().map(|name| {
            let mut out = Vec::new();
            push_escaped(&mut out, name);
            out
        });
        Self { id, name }
    }
}
