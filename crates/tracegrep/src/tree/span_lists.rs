//! Parents by the lists of span names that some loggers write on each line, where these have no ids of the parents.

use super::{
    extent::Extent,
    span::{Evidence, Span},
};
use std::collections::HashMap;

/// If more spans of a service have the same name, none of them is taken for a parent. It bounds the time for traces with many spans.
const MAX_NAMESAKES: usize = 1_000;

/// Names the parents of spans whose lines have a list of names. The parent is the nearest span around it of the same service that has an id,
/// if there is only one that fits.
pub(super) fn name_parents(spans: &mut [Span]) {
    if spans.iter().all(|span| span.path.len() < 2) {
        return;
    }
    let mut by_name: HashMap<(&Option<String>, &str), Vec<usize>> = HashMap::new();
    for (index, span) in spans.iter().enumerate() {
        if let Some(name) = span.path.last().or(span.name.as_ref()) {
            let namesakes = by_name.entry((&span.service, name)).or_default();
            namesakes.push(index);
        }
    }
    let parents: Vec<Option<usize>> = spans
        .iter()
        .enumerate()
        .map(|(index, span)| parent(spans, &by_name, index, span))
        .collect();
    for (child, parent) in parents.into_iter().enumerate() {
        let id = parent.and_then(|parent| spans.get(parent).map(|span| span.id.clone()));
        if let (Some(span), Some(id)) = (spans.get_mut(child), id) {
            span.parent_id = Some(id);
            span.evidence = Evidence::SpanList;
        }
    }
}

fn parent(
    spans: &[Span],
    by_name: &HashMap<(&Option<String>, &str), Vec<usize>>,
    index: usize,
    span: &Span,
) -> Option<usize> {
    if span.parent_id.is_some() {
        return None;
    }
    let outer = span.path.split_last()?.1;
    for end in (1..=outer.len()).rev() {
        let path = outer.get(..end)?;
        let Some(namesakes) = by_name.get(&(&span.service, path.last()?.as_str())) else {
            continue;
        };
        if namesakes.len() > MAX_NAMESAKES {
            return None;
        }
        let fitting: Vec<usize> = namesakes
            .iter()
            .copied()
            .filter(|found| *found != index)
            .filter(|found| {
                let found = spans.get(*found);
                found.is_some_and(|found| found.path.is_empty() || found.path == path)
            })
            .collect();
        let own = Extent::of(span);
        let around = |found: &usize| {
            let found = spans.get(*found).and_then(Extent::of);
            found.zip(own).is_some_and(|(it, own)| it.includes(&own))
        };
        match *fitting {
            [] => {}
            [only] => return Some(only),
            _ => {
                let mut around = fitting.into_iter().filter(around);
                let first = around.next();
                return first.filter(|_| around.next().is_none());
            }
        }
    }
    None
}
