//! The call sites that this thread used last, of all renderers. They are found without a lock and without counting references.

use super::{callsite::Callsite, renderer::Renderer};
use std::{cell::Cell, sync::Arc};
use tracing_core::Metadata;

/// The number of call sites that a thread remembers, a power of two.
const REMEMBERED: usize = 256;

thread_local! {
    /// The call site of the span that was created on this thread last, or has recorded values last.
    static LAST_SPAN: Cell<Option<&'static Metadata<'static>>> = const { Cell::new(None) };
}

pub(super) struct Recent {
    slots: Box<[Option<Slot>; REMEMBERED]>,
}

struct Slot {
    renderer: u64,
    address: usize,
    callsite: Arc<Callsite>,
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            slots: Box::new([const { None }; REMEMBERED]),
        }
    }
}

impl Recent {
    #[inline]
    pub(super) fn get(
        &mut self,
        renderer: &Renderer,
        metadata: &'static Metadata<'static>,
    ) -> &Arc<Callsite> {
        let address = std::ptr::from_ref(metadata) as usize;
        // Metadata is over a hundred bytes long, so the low bits of its addresses vary little.
        let index = (address >> 4) ^ (address >> 12) ^ renderer.id as usize;
        let slot = &mut self.slots[index & (REMEMBERED - 1)];
        if !slot
            .as_ref()
            .is_some_and(|slot| slot.address == address && slot.renderer == renderer.id)
        {
            *slot = None;
        }
        let slot = slot.get_or_insert_with(|| Slot {
            renderer: renderer.id,
            address,
            callsite: renderer.callsite(metadata),
        });
        &slot.callsite
    }

    /// Whether a call site with this target, file and line is remembered.
    #[cfg(feature = "log")]
    pub(super) fn has(&self, target: &str, file: &str, line: u32) -> bool {
        let mut all = self.slots.iter().flatten();
        all.any(|slot| is_at(slot.callsite.metadata, target, file, line))
    }
}

/// Notes the call site of a span that is created or records values. Such a span need not look for its call site in [`Recent`].
#[inline]
pub(super) fn note_span(metadata: &'static Metadata<'static>) {
    // Never fails: the cell has no destructor.
    let _ = LAST_SPAN.try_with(|last| last.set(Some(metadata)));
}

/// Whether the span that was created on this thread last, or has recorded values last, has this target, file and line.
#[cfg(feature = "log")]
pub(super) fn last_span_is_at(target: &str, file: &str, line: u32) -> bool {
    let last = LAST_SPAN.try_with(Cell::get).ok().flatten();
    last.is_some_and(|metadata| is_at(metadata, target, file, line))
}

/// Whether a call site has this target, file and line. Texts are compared by their addresses.
#[cfg(feature = "log")]
fn is_at(metadata: &Metadata<'_>, target: &str, file: &str, line: u32) -> bool {
    metadata.line() == Some(line)
        && metadata.file().is_some_and(|own| std::ptr::eq(own, file))
        && std::ptr::eq(metadata.target(), target)
}
