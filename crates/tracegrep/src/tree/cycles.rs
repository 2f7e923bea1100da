use super::span::{Evidence, Span};

/// Makes a span a root if it is below itself, as only wrong lines can say.
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
                    if let Some(span) = spans.get_mut(index) {
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
