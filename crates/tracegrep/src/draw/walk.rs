use crate::tree::{Item, Tree};

/// One step of a walk through the tree, from the top to the bottom of the drawing.
pub(crate) struct Step {
    pub(crate) item: Item,
    /// The lines at the left of the row that lead to the spans below.
    pub(super) guides: String,
    /// How many spans are around it.
    pub(crate) depth: usize,
    /// The span around it.
    pub(crate) around: Option<usize>,
}

/// A span below more than this many others is drawn no further to the right.
const MAX_LEVELS: usize = 12;

/// What is left to draw of a span.
struct Frame {
    items: std::vec::IntoIter<Item>,
    /// How many spans are left.
    spans: usize,
    span: Option<usize>,
}

impl Frame {
    fn new(tree: &Tree<'_>, span: Option<usize>) -> Self {
        let items = tree.items(span);
        let spans = items.iter().filter(|item| matches!(item, Item::Span(_)));
        Self {
            spans: spans.count(),
            items: items.into_iter(),
            span,
        }
    }
}

/// Calls a function for each row of the drawing.
pub(crate) fn walk(tree: &Tree<'_>, mut visit: impl FnMut(&Step)) {
    let mut frames = vec![Frame::new(tree, None)];
    while let Some(frame) = frames.last_mut() {
        let Some(item) = frame.items.next() else {
            frames.pop();
            continue;
        };
        if let Item::Span(_) = item {
            frame.spans -= 1;
        }
        let around = frame.span;
        visit(&Step {
            item,
            depth: frames.len() - 1,
            around,
            guides: guides(tree, &frames, item),
        });
        if let Item::Span(span) = item {
            frames.push(Frame::new(tree, Some(span)));
        }
    }
}

/// The line to a span is dashed if its parent is inferred.
fn guides(tree: &Tree<'_>, frames: &[Frame], item: Item) -> String {
    let is_inferred = match item {
        Item::Span(span) => tree
            .span(span)
            .is_some_and(|span| span.evidence().is_inferred()),
        Item::Line(_) => false,
    };
    // Spans at the top have no guides.
    let levels = frames.get(1..).unwrap_or_default();
    let hidden = levels.len().saturating_sub(MAX_LEVELS);
    let mut guides = match hidden {
        0 => String::new(),
        hidden => format!("{hidden}⋯"),
    };
    let shown = levels.get(hidden..).unwrap_or_default();
    for (index, frame) in shown.iter().enumerate() {
        let is_own = index + 1 == shown.len() && matches!(item, Item::Span(_));
        guides.push_str(match (is_own, frame.spans > 0) {
            (true, true) if is_inferred => "├╌ ",
            (true, false) if is_inferred => "└╌ ",
            (true, true) => "├─ ",
            (true, false) => "└─ ",
            (false, true) => "│  ",
            (false, false) => "   ",
        });
    }
    guides
}
