use super::span::{Evidence, Span};
use std::iter;

/// Makes a span a root if it is below itself, as wrong lines say and wrong inferences. Of all spans of a cycle, it is the one with the weakest
/// evidence for its parent.
pub(super) fn cut(spans: &mut [Span]) {
    // The number of the walk in which each span was visited.
    let mut visited = vec![None; spans.len()];
    for start in 0..spans.len() {
        let mut at = Some(start);
        while let Some(index) = at {
            let Some(mark) = visited.get_mut(index) else {
                break;
            };
            match *mark {
                // The walk has come back to a span that it has passed.
                Some(walk) if walk == start => {
                    if let Some(span) = weakest(spans, index).and_then(|it| spans.get_mut(it)) {
                        span.parent = None;
                        span.evidence = Evidence::Unknown;
                    }
                    break;
                }
                Some(_) => break,
                None => *mark = Some(start),
            }
            at = spans.get(index).and_then(|span| span.parent);
        }
    }
}

/// Returns the span of a cycle with the weakest evidence. The cycle has the span at `index`, which is chosen if all are equal.
fn weakest(spans: &[Span], index: usize) -> Option<usize> {
    let parent = |at: &usize| spans.get(*at)?.parent;
    let others = iter::successors(parent(&index), parent).take_while(|at| *at != index);
    let cycle = iter::once(index).chain(others);
    cycle.min_by_key(|at| spans.get(*at).map(|span| span.evidence.strength()))
}
