use super::{
    build::{build, outside},
    notes::notes,
    skew,
    span::Span,
};
use crate::trace::{Line, Trace};
use std::{iter, ops::Range};

/// The spans of a trace with their lines.
#[derive(Clone, Debug)]
pub struct Tree<'t> {
    trace: &'t Trace,
    spans: Vec<Span>,
    roots: Vec<usize>,
    /// Lines that belong to no span.
    outside: Vec<usize>,
}

/// What is drawn below a span, or at the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Span(usize),
    Line(usize),
}

impl<'t> Tree<'t> {
    /// Rebuilds the spans. If a span begins before its parent in another service, the clocks of the two differ, and the span is
    /// [shifted](Span::shift).
    #[must_use]
    pub fn of(trace: &'t Trace) -> Self {
        Self::build(trace, true)
    }

    /// Rebuilds the spans with the times of their own clocks.
    #[must_use]
    pub fn with_raw_times(trace: &'t Trace) -> Self {
        Self::build(trace, false)
    }

    fn build(trace: &'t Trace, corrects_clocks: bool) -> Self {
        let mut spans = build(trace.lines(), trace.stated());
        if corrects_clocks {
            skew::correct(&mut spans);
        }
        let mut tree = Self {
            trace,
            roots: Vec::new(),
            outside: outside(trace.lines()),
            spans,
        };
        tree.sort();
        tree
    }

    /// Sorts siblings by their start.
    fn sort(&mut self) {
        let starts: Vec<Option<i64>> = (0..self.spans.len()).map(|span| self.start(span)).collect();
        let start = |span: &usize| starts.get(*span).copied().flatten();
        for span in &mut self.spans {
            span.children.sort_by_key(start);
        }
        let roots = self.spans.iter().enumerate();
        let roots = roots.filter(|(_, span)| span.parent.is_none());
        self.roots = roots.map(|(index, _)| index).collect();
        self.roots.sort_by_key(start);
    }

    /// When a span begins as it is drawn. A missing one begins with its first child.
    fn start(&self, span: usize) -> Option<i64> {
        let span = self.spans.get(span)?;
        let drawn = |span: &Span| span.drawn().map(|(start, _)| start);
        let children = span
            .children
            .iter()
            .filter_map(|child| self.spans.get(*child));
        drawn(span).or_else(|| children.filter_map(drawn).min())
    }

    /// Returns the spans that have an id or, if there are none, those with an id that begins like this. Zeros at the front of a whole id may
    /// be missing.
    #[must_use]
    pub fn spans_with_prefix(&self, id: &str) -> Vec<&Span> {
        let found = self.indices_with_prefix(id);
        found.iter().filter_map(|found| self.span(*found)).collect()
    }

    fn indices_with_prefix(&self, id: &str) -> Vec<usize> {
        let matching = |is_match: &dyn Fn(&str) -> bool| -> Vec<usize> {
            let spans = self.spans.iter().enumerate();
            let spans = spans.filter(|(_, span)| is_match(&span.id));
            spans.map(|(index, _)| index).collect()
        };
        let significant = id.trim_start_matches('0');
        let whole = matching(&|known| {
            !significant.is_empty() && known.trim_start_matches('0') == significant
        });
        match whole.is_empty() {
            true => matching(&|known| known.starts_with(id)),
            false => whole,
        }
    }

    /// Keeps only a span and those below it. The id may be a prefix that only one span has. Returns `None` if no span or several have it, as
    /// [`spans_with_prefix`](Self::spans_with_prefix) finds them.
    #[must_use]
    pub fn subtree(mut self, id: &str) -> Option<Self> {
        let found = self.indices_with_prefix(id);
        let [_] = *found else {
            return None;
        };
        self.roots = found;
        self.outside.clear();
        Some(self)
    }

    /// Keeps only the lines for which `keep` is true, with the service of their span. All spans stay.
    pub fn retain_lines(&mut self, keep: impl Fn(&Line, Option<&str>) -> bool) {
        let lines = self.trace.lines();
        let is_kept = |index: &usize, service: Option<&str>| {
            lines.get(*index).is_some_and(|line| keep(line, service))
        };
        for span in &mut self.spans {
            let service = span.service.clone();
            span.lines
                .retain(|index| is_kept(index, service.as_deref()));
        }
        self.outside.retain(|index| is_kept(index, None));
    }

    /// The trace.
    #[must_use]
    pub fn trace(&self) -> &'t Trace {
        self.trace
    }

    /// The spans at the top, in order of time.
    pub fn roots(&self) -> impl Iterator<Item = &Span> {
        self.roots.iter().filter_map(|root| self.spans.get(*root))
    }

    /// The spans below a span, in order of time.
    pub fn children<'s>(&'s self, span: &'s Span) -> impl Iterator<Item = &'s Span> {
        span.children
            .iter()
            .filter_map(|child| self.spans.get(*child))
    }

    /// The lines of a span, in order of time.
    pub fn lines_of<'s>(&'s self, span: &'s Span) -> impl Iterator<Item = &'t Line> + use<'t, 's> {
        let lines = self.trace.lines();
        span.lines.iter().filter_map(|line| lines.get(*line))
    }

    /// The lines that belong to no span, in order of time.
    pub fn lines_outside(&self) -> impl Iterator<Item = &'t Line> {
        let lines = self.trace.lines();
        self.outside.iter().filter_map(|line| lines.get(*line))
    }

    /// All lines of the tree, in order of time.
    #[must_use]
    pub fn lines(&self) -> Vec<&'t Line> {
        let mut indices = self.outside.clone();
        for span in self.visible() {
            indices.extend(&span.lines);
        }
        indices.sort_unstable();
        let lines = self.trace.lines();
        indices
            .iter()
            .filter_map(|index| lines.get(*index))
            .collect()
    }

    /// What is missing or inferred, one sentence each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        notes(&self.visible(), &self.lines())
    }

    /// All spans of the tree, each before those below it.
    pub(crate) fn visible(&self) -> Vec<&Span> {
        self.below(&self.roots).collect()
    }

    /// All spans below a span, each before those below it.
    pub(crate) fn descendants<'s>(
        &'s self,
        span: &Span,
    ) -> impl Iterator<Item = &'s Span> + use<'s, 't> {
        self.below(&span.children)
    }

    fn below<'s>(&'s self, first: &[usize]) -> impl Iterator<Item = &'s Span> + use<'s, 't> {
        let mut pending: Vec<usize> = first.iter().rev().copied().collect();
        iter::from_fn(move || {
            let span = self.spans.get(pending.pop()?)?;
            pending.extend(span.children.iter().rev());
            Some(span)
        })
    }

    pub(crate) fn span(&self, index: usize) -> Option<&Span> {
        self.spans.get(index)
    }

    pub(crate) fn line(&self, index: usize) -> Option<&'t Line> {
        self.trace.lines().get(index)
    }

    /// The lines of a span and the spans below it, in order of time. With `None`, those at the top.
    pub(crate) fn items(&self, span: Option<usize>) -> Vec<Item> {
        let (lines, spans, shift) = match span {
            None => (&self.outside, &self.roots, 0),
            Some(span) => match self.spans.get(span) {
                Some(span) => (&span.lines, &span.children, span.shift),
                None => return Vec::new(),
            },
        };
        let mut time = None;
        let mut items: Vec<(Option<i64>, Item)> = Vec::new();
        for line in lines {
            let own = self.line(*line).and_then(|line| line.record.time);
            time = own.map(|own| own.saturating_add(shift)).or(time);
            items.push((time, Item::Line(*line)));
        }
        items.extend(
            spans
                .iter()
                .map(|span| (self.start(*span), Item::Span(*span))),
        );
        items.sort_by_key(|(time, _)| *time);
        items.into_iter().map(|(_, item)| item).collect()
    }

    /// The times of the first and the last thing of the trace. Lines that only mention it do not count.
    pub(crate) fn extent(&self) -> Option<Range<i64>> {
        let mut start = None;
        let mut end = None;
        let mut include = |from: i64, to: i64| {
            start = Some(start.map_or(from, |start: i64| start.min(from)));
            end = Some(end.map_or(to, |end: i64| end.max(to)));
        };
        let time = |index: &usize| self.line(*index)?.record.time;
        for span in self.visible() {
            if let Some((from, to)) = span.drawn() {
                include(from, to);
            }
            for time in span.lines.iter().filter_map(time) {
                let time = time.saturating_add(span.shift);
                include(time, time);
            }
        }
        let is_own = |index: &&usize| self.line(**index).is_some_and(|line| !line.is_mention);
        for time in self.outside.iter().filter(is_own).filter_map(time) {
            include(time, time);
        }
        Some(start?..end?)
    }
}
