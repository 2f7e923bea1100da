//! Which members stay where names come twice, and what their keys are.

use super::{
    keys::{hash, render},
    members::{Member, Members},
    reserved::{Reserved, prefixed},
};
use std::collections::HashSet;

/// One object's members from several sets, a later set before an earlier one, a later member before an earlier one.
///
/// A name that is not reserved is its own key. A reserved one gets prefixes until its key is free: neither reserved nor
/// another member's. The list of an error's sources is renamed with its field and goes with it.
///
/// Off the common path: sets that are disjoint need none of this.
#[cold]
pub(crate) fn unique(sets: &[&Members], reserved: &Reserved) -> Members {
    let winners = winners(sets, reserved);
    let mut used: HashSet<Vec<u8>> = winners
        .iter()
        .filter(|winner| !winner.is_renamed(reserved))
        .map(|winner| winner.name.to_vec())
        .collect();
    let mut out = Members::default();
    let mut prefixes_of_field = 0;
    for winner in &winners {
        let mut prefixes = 0;
        if winner.is_renamed(reserved) {
            // A list follows its field, so the field's prefixes are those of the member before.
            let at_least = match winner.owner {
                Some(_) => prefixes_of_field,
                None => 1,
            };
            prefixes = reserved.free(winner.name, at_least, |key| used.contains(key));
            used.insert(prefixed(winner.name, prefixes));
        }
        if winner.owner.is_none() {
            prefixes_of_field = prefixes;
        }
        let rendered = render(winner.name, prefixes);
        out.push_rendered(
            &rendered,
            hash(&rendered),
            prefixes,
            winner.owner.is_some(),
            |text| text.extend_from_slice(winner.value),
        );
    }
    out
}

struct Winner<'a> {
    name: &'a [u8],
    value: &'a [u8],
    /// For the list of an error's sources, its field's name.
    owner: Option<&'a [u8]>,
}

impl Winner<'_> {
    fn is_renamed(&self, reserved: &Reserved) -> bool {
        reserved.contains(self.name) || self.owner.is_some_and(|owner| reserved.contains(owner))
    }
}

/// The last bearer of each name, in the order in which they stand.
fn winners<'a>(sets: &[&'a Members], reserved: &Reserved) -> Vec<Winner<'a>> {
    let mut all: Vec<(&Members, &Member, Option<&[u8]>)> = Vec::new();
    for set in sets {
        let mut field: Option<&[u8]> = None;
        for member in set.iter() {
            if !member.is_sources {
                field = Some(set.name(member));
            }
            all.push((set, member, field.filter(|_| member.is_sources)));
        }
    }
    let mut seen: HashSet<(&[u8], bool)> = HashSet::new();
    let mut winners = Vec::new();
    for &(set, member, owner) in all.iter().rev() {
        let name = set.name(member);
        // Seen from the end, a list comes just before its field: whether the field stays is known by now.
        let goes_with_its_field = owner.is_some_and(|owner| seen.contains(&(owner, false)));
        // A list that is renamed with its field is no field of the name that it would have had.
        let is_renamed = owner.is_some_and(|owner| reserved.contains(owner));
        if !goes_with_its_field && seen.insert((name, is_renamed)) {
            winners.push(Winner {
                name,
                value: set.value(member),
                owner,
            });
        }
    }
    winners.reverse();
    winners
}
