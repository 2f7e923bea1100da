//! Memory that a thread reuses for each line, so that a line allocates nothing.

#[cfg(feature = "log")]
use super::recent::last_span_is_at;
use super::{buffers::Buffers, callsite::Callsite, recent::Recent, renderer::Renderer};
use std::{cell::Cell, sync::Arc};
use tracing_core::Metadata;

thread_local! {
    static SPARE: Cell<Option<Box<Parts>>> = const { Cell::new(None) };
}

/// Returns whether a stamping layer has recently logged an event or a span from this location on this thread.
#[cfg(feature = "log")]
pub(crate) fn was_logged_recently(target: &str, file: &str, line: u32) -> bool {
    if last_span_is_at(target, file, line) {
        return true;
    }
    let looked = SPARE.try_with(|spare| {
        let parts = spare.take();
        let has = parts
            .as_ref()
            .is_some_and(|parts| parts.recent.has(target, file, line));
        spare.set(parts);
        has
    });
    looked.unwrap_or_default()
}

/// The thread's memory, taken out of its thread-local so that no borrow is held while user code runs. Dropping this puts it back.
pub(in crate::layer) struct Scratch(Option<Box<Parts>>);

#[derive(Default)]
struct Parts {
    recent: Recent,
    buffers: Buffers,
}

impl Scratch {
    #[inline]
    pub(in crate::layer) fn take() -> Self {
        Self(SPARE.try_with(Cell::take).unwrap_or_default())
    }

    /// Returns a call site as the renderer writes it, and the thread's buffers.
    #[inline]
    pub(in crate::layer) fn at(
        &mut self,
        renderer: &Renderer,
        metadata: &'static Metadata<'static>,
    ) -> (&Arc<Callsite>, &mut Buffers) {
        let Parts { recent, buffers } = self.parts();
        (recent.get(renderer, metadata), buffers)
    }

    #[inline]
    pub(in crate::layer) fn buffers(&mut self) -> &mut Buffers {
        &mut self.parts().buffers
    }

    /// Returns the thread's parts, or new ones if those are in use, as for an event that a `Debug` logs within another event.
    #[inline]
    fn parts(&mut self) -> &mut Parts {
        self.0.get_or_insert_default()
    }
}

impl Drop for Scratch {
    #[inline]
    fn drop(&mut self) {
        if let Some(mut parts) = self.0.take() {
            parts.buffers.clear();
            // Fails while the thread's locals are destroyed: then the memory is freed.
            let _ = SPARE.try_with(|spare| spare.set(Some(parts)));
        }
    }
}
