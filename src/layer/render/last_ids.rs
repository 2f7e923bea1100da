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
        context: &TraceContext,
        with_span: bool,
    ) {
        let is_same = self.of.as_ref().is_some_and(|of| {
            of.renderer == renderer.id && of.with_span == with_span && of.context == *context
        });
        if !is_same {
            self.render(renderer, context, with_span);
        }
        out.extend_from_slice(&self.text);
    }

    #[inline(never)]
    fn render(&mut self, renderer: &Renderer, context: &TraceContext, with_span: bool) {
        self.text.clear();
        let keys = &renderer.format.ids;
        keys.push(&mut self.text, context, with_span);
        self.of = Some(Ids {
            renderer: renderer.id,
            context: *context,
            with_span,
        });
    }
}
