//! Buffers that a thread uses again for each line, so that a line allocates nothing.

use super::{
    callsite::{Callsite, Recent},
    core::Core,
    span_state::{SPARE_BYTES, SpanState},
};
use crate::json::{Clock, Members, Record, push_escaped, unique};
use std::{cell::Cell, sync::Arc, thread};

thread_local! {
    static SPARE: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// A buffer that has grown beyond this, in bytes, is made smaller again.
const KEPT_BYTES: usize = 64 * 1024;

/// Whether a stamping layer has seen an event or a span of this place on this thread of late.
#[cfg(feature = "log")]
pub(crate) fn has_come_by(target: &str, file: &str, line: u32) -> bool {
    let looked = SPARE.try_with(|spare| {
        let scratch = spare.take();
        let has = scratch
            .as_ref()
            .is_some_and(|scratch| scratch.recent.has(target, file, line));
        spare.set(scratch);
        has
    });
    looked.unwrap_or_default()
}

#[derive(Default)]
pub(super) struct Scratch {
    pub(super) recent: Recent,
    pub(super) buffers: Buffers,
}

#[derive(Default)]
pub(super) struct Buffers {
    pub(super) line: Vec<u8>,
    /// The message, escaped.
    pub(super) message: Vec<u8>,
    pub(super) fields: Members,
    pub(super) baggage: Members,
    pub(super) clock: Clock,
    pub(super) thread: Option<Thread>,
}

/// This thread as lines name it.
pub(super) struct Thread {
    pub(super) id: Vec<u8>,
    /// Escaped.
    pub(super) name: Option<Vec<u8>>,
}

impl Scratch {
    /// Takes the thread's buffers, or makes new ones where they are in use: an event within an event, from a `Debug`
    /// that logs. No borrow is held meanwhile.
    #[inline]
    pub(super) fn take() -> Box<Self> {
        let spare = SPARE.try_with(Cell::take).unwrap_or_default();
        spare.unwrap_or_default()
    }

    /// Gives the buffers back. Where this is not reached, because user code panics, the next line makes new ones.
    #[inline]
    pub(super) fn give_back(mut self: Box<Self>) {
        self.buffers.clear();
        // During the thread's destruction there is nowhere to give them to.
        let _ = SPARE.try_with(|spare| spare.set(Some(self)));
    }

    /// Keeps the state of a span that has ended for the next span of its call site, where the thread's buffers are at hand.
    pub(super) fn keep_spare(layer: u64, state: Arc<SpanState>) {
        let _ = SPARE.try_with(|spare| {
            if let Some(mut scratch) = spare.take() {
                scratch.recent.keep_spare(layer, state);
                spare.set(Some(scratch));
            }
        });
    }
}

impl Buffers {
    /// Takes the values of a field set, which runs user code.
    #[inline]
    pub(super) fn visit(
        &mut self,
        core: &Core,
        callsite: &Callsite,
        visit: impl FnOnce(&mut Record<'_>),
    ) {
        let reserved = if callsite.is_span() {
            core.span_reserved()
        } else {
            &core.prepared().reserved
        };
        visit(&mut Record::new(
            &callsite.keys,
            &mut self.fields,
            &mut self.message,
            reserved,
            &core.prepared().rules,
            callsite.json_fields(),
        ));
    }

    #[inline]
    fn clear(&mut self) {
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

    /// Puts the fields of a span into `kept`, which has none: each name once.
    pub(super) fn keep_fields(&mut self, core: &Core, kept: &mut Members) {
        if !self.fields.is_unique() {
            *kept = unique(&[&self.fields], core.span_reserved());
        } else if kept.capacity() > 0 && self.fields.capacity() <= SPARE_BYTES {
            std::mem::swap(kept, &mut self.fields);
        } else {
            kept.append_disjoint(&self.fields);
        }
    }

    pub(super) fn thread(&mut self) -> &Thread {
        self.thread.get_or_insert_with(Thread::current)
    }
}

impl Thread {
    fn current() -> Self {
        let thread = thread::current();
        // `ThreadId` shows its number in its `Debug` alone, `ThreadId(7)`, until `as_u64` is stable.
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
