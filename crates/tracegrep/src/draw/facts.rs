use super::{line_content::is_drawn, services::Services};
use crate::{
    record::Level,
    tree::{Timing, Tree},
};
use std::ops::Range;

/// When a trace was, and how much there is of it. Only the lines of the trace that are drawn count.
pub(crate) struct Facts<'t> {
    pub(crate) axis: Option<Range<i64>>,
    pub(crate) errors: usize,
    pub(crate) spans: usize,
    pub(crate) lines: usize,
    pub(crate) services: Services<'t>,
}

impl<'t> Facts<'t> {
    pub(crate) fn of(tree: &'t Tree<'_>) -> Self {
        let mut lines = tree.lines();
        lines.retain(|line| is_drawn(line) && !line.is_mention());
        let errors = lines
            .iter()
            .filter(|line| line.record().level >= Some(Level::Error));
        let spans = tree.visible();
        let spans = spans.iter().filter(|span| span.timing() != Timing::Missing);
        Self {
            axis: tree.extent(),
            errors: errors.count(),
            spans: spans.count(),
            lines: lines.len(),
            services: Services::of(tree),
        }
    }
}
