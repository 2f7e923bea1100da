use super::Candidate;
use crate::{id::TraceId, trace::Line};
use std::{cmp::Reverse, collections::BTreeMap};

/// Returns the traces that the lines belong to. Traces that are only mentioned count if there are no others.
pub(super) fn candidates<'l>(
    lines: impl IntoIterator<Item = &'l (Line, Vec<TraceId>)>,
) -> Vec<Candidate> {
    let mut found: BTreeMap<TraceId, (Candidate, bool)> = BTreeMap::new();
    for (line, ids) in lines {
        let own = line.own_id();
        for id in ids {
            let new = Candidate {
                id: *id,
                lines: 0,
                time: None,
            };
            let (candidate, is_own) = found.entry(*id).or_insert((new, false));
            candidate.lines += 1;
            candidate.time = [candidate.time, line.record.time]
                .into_iter()
                .flatten()
                .min();
            *is_own |= own.is_none_or(|own| own == *id);
        }
    }
    // A short id is that of the only longer one that it agrees with.
    let whole: Vec<TraceId> = found.keys().copied().filter(|id| !id.is_short()).collect();
    found.retain(|short, _| {
        let same = whole.iter().filter(|id| id.agrees_with(*short));
        !(short.is_short() && same.count() == 1)
    });
    let has_own = found.values().any(|(_, is_own)| *is_own);
    let found = found
        .into_values()
        .filter(|(_, is_own)| *is_own || !has_own);
    let mut candidates: Vec<Candidate> = found.map(|(candidate, _)| candidate).collect();
    candidates.sort_by_key(|candidate| (Reverse(candidate.lines), candidate.id));
    candidates
}
