use super::renderer::Renderer;
use crate::trace_context::TraceContext;

/// The ids that a thread has written last, as text. Many lines in a row have the same ids.
#[derive(Default)]
pub(super) struct LastIds {
    /// `None` before the first line with ids.
    of: Option<Ids>,
    /// The members of the ids, each with its leading comma.
    text: Vec<u8>,
}

/// What the text depends on.
#[derive(PartialEq)]
struct Ids {
    renderer: u64,
    context: TraceContext,
    with_span: bool,
}

impl LastIds {
    /// Appends the members of the ids. Leaves out the span id if `with_span` is false.
    #[inline]
    pub(super) fn push(
        &mut self,
        out: &mut Vec<u8>,
        renderer: &Renderer,
        context: TraceContext,
        with_span: bool,
    ) {
        let ids = Ids {
            renderer: renderer.id,
            context,
            with_span,
        };
        if self.of.as_ref() != Some(&ids) {
            self.render(renderer, ids);
        }
        out.extend_from_slice(&self.text);
    }

    #[inline(never)]
    fn render(&mut self, renderer: &Renderer, ids: Ids) {
        self.text.clear();
        let keys = &renderer.format.ids;
        keys.push(&mut self.text, &ids.context, ids.with_span);
        self.of = Some(ids);
    }
}
