//! Parents by time, for spans with no other evidence. A span without a known parent most likely runs within the smallest span that includes it.

use super::{
    extent::Extent,
    span::{Evidence, Span, Timing},
};

/// If more spans have no known parent, nothing is inferred. It bounds the time for traces with many spans.
const MAX_ROOTS: usize = 1_000;

/// Finds the parents of spans that no line names a parent of. Each becomes a child of the smallest span that includes it in time, unless
/// another span overlaps with that one, so that either could be the parent. Spans of the same service come first, since they have one clock.
/// A span without lines is where its children are.
pub(super) fn find_parents(spans: &mut [Span]) {
    let found = parents(spans);
    for (child, parent) in found {
        let id = spans.get(parent).map(|parent| parent.id.clone());
        if let Some(span) = spans.get_mut(child) {
            span.parent = Some(parent);
            span.parent_id = id;
            span.evidence = Evidence::Containment;
        }
    }
}

fn parents(spans: &[Span]) -> Vec<(usize, usize)> {
    let roots = spans.iter().filter(|span| span.parent.is_none()).count();
    if !(2..=MAX_ROOTS).contains(&roots) {
        return Vec::new();
    }
    let mut roots = roots_of(spans);
    roots.sort_by_key(|(_, extent)| extent.length());
    let all: Vec<Option<Extent<'_>>> = spans.iter().map(Extent::of).collect();
    let extent = |index: usize| all.get(index).copied().flatten();
    let mut tops = Tops::of(spans);
    let mut found = Vec::new();
    for (place, (root, own)) in roots.iter().enumerate() {
        let larger = roots.get(place + 1..).unwrap_or_default();
        if !larger.iter().any(|(_, larger)| larger.is_around(own)) {
            continue;
        }
        let around =
            |index: usize| Some((index, extent(index)?)).filter(|(_, it)| it.is_around(own));
        let mut around: Vec<_> = (0..spans.len()).filter_map(around).collect();
        around.retain(|(index, _)| tops.top(*index) != *root);
        if around.iter().any(|(_, it)| it.service == own.service) {
            around.retain(|(_, it)| it.service == own.service);
        }
        if let Some(parent) = smallest(around) {
            tops.put_below(*root, parent);
            found.push((*root, parent));
        }
    }
    found
}

/// The spans without a known parent, with their extents.
fn roots_of(spans: &[Span]) -> Vec<(usize, Extent<'_>)> {
    let mut of_children: Vec<Option<Extent<'_>>> = vec![None; spans.len()];
    for span in spans {
        if let Some(parent) = span.parent.and_then(|parent| of_children.get_mut(parent))
            && let Some(own) = Extent::of(span)
        {
            *parent = Some(parent.map_or(own, |known| known.and(own)));
        }
    }
    let all = spans.iter().zip(of_children).enumerate();
    // A tracing backend knows which span is the root.
    let is_root = |span: &Span| span.parent.is_none() && span.evidence != Evidence::Backend;
    let roots = all.filter(|(_, (span, _))| is_root(span));
    let with_extent = roots.filter_map(|(index, (span, of_children))| {
        let extent = match span.timing {
            Timing::Missing => of_children,
            _ => Extent::of(span),
        };
        Some((index, extent?))
    });
    with_extent.collect()
}

/// Returns the smallest of the spans that is within all larger ones, and that all smaller ones are within.
fn smallest(mut candidates: Vec<(usize, Extent<'_>)>) -> Option<usize> {
    candidates.sort_by_key(|(_, extent)| extent.length());
    // What all candidates from each place on have in common.
    let mut common = vec![(i64::MIN, i64::MAX)];
    for (_, own) in candidates.iter().rev() {
        let (start, end) = common.last()?;
        common.push((own.start.max(*start), own.end.min(*end)));
    }
    common.reverse();
    let mut smaller: Option<Extent<'_>> = None;
    for ((index, own), larger) in candidates.iter().zip(common.iter().skip(1)) {
        let is_within_larger = larger.0 <= own.start && own.end <= larger.1;
        let is_around_smaller = smaller.is_none_or(|it| own.start <= it.start && it.end <= own.end);
        if is_within_larger && is_around_smaller {
            return Some(*index);
        }
        smaller = Some(smaller.map_or(*own, |smaller| smaller.and(*own)));
    }
    None
}

/// The root above each span.
struct Tops(Vec<usize>);

impl Tops {
    fn of(spans: &[Span]) -> Self {
        let spans = spans.iter().enumerate();
        Self(
            spans
                .map(|(index, span)| span.parent.unwrap_or(index))
                .collect(),
        )
    }

    /// Returns the root above a span, and shortens the way to it for the next time.
    fn top(&mut self, span: usize) -> usize {
        let mut at = span;
        while let Some(above) = self.0.get(at).copied()
            && above != at
        {
            let next = self.0.get(above).copied().unwrap_or(above);
            if let Some(above) = self.0.get_mut(at) {
                *above = next;
            }
            at = next;
        }
        at
    }

    fn put_below(&mut self, root: usize, parent: usize) {
        if let Some(above) = self.0.get_mut(root) {
            *above = parent;
        }
    }
}
