use super::Candidate;
use crate::{id::TraceId, trace::Line};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

/// Returns the traces that the lines belong to. Traces that are only mentioned count if there are no others.
pub(super) fn candidates<'l>(
    lines: impl IntoIterator<Item = &'l (Line, Vec<TraceId>)>,
) -> Vec<Candidate> {
    let mut found: BTreeMap<TraceId, (Candidate, bool)> = BTreeMap::new();
    for (line, ids) in lines {
        let own = line.own_id();
        for id in ids {
            let new = || (Candidate::new(*id), false);
            let (candidate, is_own) = found.entry(*id).or_insert_with(new);
            candidate.add(1, line.record.time);
            *is_own |= own.is_none_or(|own| own == *id);
        }
    }
    drop_short(&mut found);
    let has_own = found.values().any(|(_, is_own)| *is_own);
    let found = found
        .into_values()
        .filter(|(_, is_own)| *is_own || !has_own);
    let mut candidates: Vec<Candidate> = found.map(|(candidate, _)| candidate).collect();
    candidates.sort_by_key(|candidate| (Reverse(candidate.lines), candidate.id));
    candidates
}

/// Removes short ids: each is that of the only longer one that it agrees with.
pub(super) fn drop_short<T>(found: &mut BTreeMap<TraceId, T>) {
    let mut of_half: HashMap<u64, usize> = HashMap::new();
    for id in found.keys().filter(|id| !id.is_short()) {
        *of_half.entry(id.lower()).or_default() += 1;
    }
    found.retain(|id, _| !(id.is_short() && of_half.get(&id.lower()) == Some(&1)));
}
