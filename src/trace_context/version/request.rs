use std::fmt;
use tracing_core::{Dispatch, span::Id};
use tracing_subscriber::registry::ExtensionsMut;

/// Locks a span's extensions for writing and runs a function on them.
type WithExtensions<'a> = dyn Fn(&mut dyn FnMut(&mut ExtensionsMut<'_>)) + 'a;

/// A request for the context of a span.
pub struct SpanRequest<'a> {
    id: &'a Id,
    dispatch: &'a Dispatch,
    with_extensions: &'a WithExtensions<'a>,
}

impl<'a> SpanRequest<'a> {
    pub(crate) fn new(
        id: &'a Id,
        dispatch: &'a Dispatch,
        with_extensions: &'a WithExtensions<'a>,
    ) -> Self {
        Self {
            id,
            dispatch,
            with_extensions,
        }
    }

    /// The span's id.
    #[must_use]
    pub fn id(&self) -> &'a Id {
        self.id
    }

    /// The dispatch that the span belongs to.
    #[must_use]
    pub fn dispatch(&self) -> &'a Dispatch {
        self.dispatch
    }

    /// Runs `f` on the span's extensions, locked for writing. Does nothing if the dispatch does not know the span.
    pub fn with_extensions(&self, mut f: impl FnMut(&mut ExtensionsMut<'_>)) {
        (self.with_extensions)(&mut f);
    }
}

impl fmt::Debug for SpanRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanRequest")
            .field("id", self.id)
            .finish_non_exhaustive()
    }
}
