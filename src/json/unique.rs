//! Resolves repeated names: decides which members stay and which keys they get.

use super::{
    key_form::Kind,
    keys::{hash, render},
    last_of_each::last_of_each,
    members::{Member, Members},
    reserved::{Reserved, ancestors, prefixed, repeats_prefix},
};
use std::collections::HashSet;

/// Merges several sets of members into one object. A later set beats an earlier one, and a later member beats an earlier one.
///
/// A name that is not reserved is its own key. A reserved name gets prefixes until its key is neither reserved nor used by another
/// member. If dots nest, so does a name that is a dotted ancestor of another one, and two keys also differ if neither is an ancestor of
/// the other. The list of an error's sources is renamed and removed together with its field.
///
/// The keys of the sets must have been prepared for the same reserved names. Disjoint sets do not need this function.
#[cold]
pub(crate) fn unique(sets: &[&Members], reserved: &Reserved) -> Members {
    with_plain_keys(sets, reserved).unwrap_or_else(|| with_new_keys(sets, reserved))
}

/// Appends the members of that object to a line. Allocates nothing if no key has to change.
#[inline(never)]
pub(crate) fn push_unique(line: &mut Vec<u8>, sets: &[&Members], reserved: &Reserved) {
    let start = line.len();
    let push = |set: &Members, member: &Member| line.extend_from_slice(set.text_of(member));
    if last_of_each(sets, reserved, push).is_none() {
        line.truncate(start);
        line.extend_from_slice(with_new_keys(sets, reserved).text());
    }
}

/// Returns `None` if a key could have to change.
fn with_plain_keys(sets: &[&Members], reserved: &Reserved) -> Option<Members> {
    let bytes = sets.iter().map(|set| set.text().len()).sum();
    let count = sets.iter().map(|set| set.len()).sum();
    let mut out = Members::with_capacity(bytes, count);
    last_of_each(sets, reserved, |set, member| out.push_copy(set, member))?;
    Some(out)
}

/// Does the same, and does not assume that names keep their keys.
fn with_new_keys(sets: &[&Members], reserved: &Reserved) -> Members {
    let winners = winners(sets, reserved);
    let mut out = Members::default();
    for (winner, prefixes) in winners.iter().zip(prefixes(&winners, reserved)) {
        let rendered = render(winner.name, prefixes);
        out.push_rendered(
            &rendered,
            hash(&rendered, reserved),
            prefixes,
            match winner.owner {
                Some(_) => Kind::Sources,
                None => Kind::Field,
            },
            |text| text.extend_from_slice(winner.value),
        );
    }
    out
}

/// Returns how many prefixes each name gets.
fn prefixes(winners: &[Winner<'_>], reserved: &Reserved) -> Vec<usize> {
    let mut used = Used::new(winners, reserved);
    let mut prefixes = vec![0; winners.len()];
    // A name that only repeats the prefix is last, because with a key such as `field.field`, no key could have two prefixes.
    let is_last = |winner: &Winner<'_>| winner.is_last(reserved);
    let (last, first): (Vec<usize>, _) = (0..winners.len()).partition(|at| is_last(&winners[*at]));
    for at in first.into_iter().chain(last) {
        let winner = &winners[at];
        let must_change = used.is_renamed(winner);
        if !must_change && !is_last(winner) {
            continue;
        }
        // The list of sources gets at least as many prefixes as its field, which is the member before it.
        let at_least = match winner.owner {
            Some(_) => at.checked_sub(1).map_or(0, |field| prefixes[field]),
            None => must_change.into(),
        };
        prefixes[at] = reserved.free(winner.name, at_least, |key, is_strict| {
            used.keys.contains(key) || is_strict && used.has_relative(key)
        });
        used.insert(&prefixed(winner.name, prefixes[at]));
    }
    prefixes
}

struct Winner<'a> {
    name: &'a [u8],
    value: &'a [u8],
    /// The name of the field, if this is the list of an error's sources.
    owner: Option<&'a [u8]>,
}

/// The keys of the object.
struct Used<'a> {
    reserved: &'a Reserved,
    keys: HashSet<Vec<u8>>,
    /// The dotted ancestors of the keys, if dots nest.
    ancestors: HashSet<Vec<u8>>,
}

impl<'a> Used<'a> {
    /// Collects the keys that are not renamed.
    fn new(winners: &[Winner<'_>], reserved: &'a Reserved) -> Self {
        let mut used = Self {
            reserved,
            keys: HashSet::new(),
            ancestors: HashSet::new(),
        };
        // Whether a name is an ancestor of another one is known after all names are.
        let is_kept = |winner: &&Winner<'_>| {
            !winner.is_last(reserved) && !winner.any(|name| reserved.contains(name))
        };
        for winner in winners.iter().filter(is_kept) {
            used.insert_ancestors(winner.name);
        }
        for winner in winners.iter().filter(is_kept) {
            if !used.is_renamed(winner) {
                used.keys.insert(winner.name.to_vec());
            }
        }
        used
    }

    fn is_renamed(&self, winner: &Winner<'_>) -> bool {
        winner.any(|name| self.reserved.contains(name) || self.ancestors.contains(name))
    }

    /// Returns whether dots nest and an ancestor or a descendant of the key is used.
    fn has_relative(&self, key: &[u8]) -> bool {
        let is_below = || ancestors(key).any(|ancestor| self.keys.contains(ancestor));
        self.reserved.dots_nest() && (self.ancestors.contains(key) || is_below())
    }

    fn insert(&mut self, key: &[u8]) {
        self.insert_ancestors(key);
        self.keys.insert(key.to_vec());
    }

    fn insert_ancestors(&mut self, key: &[u8]) {
        if self.reserved.dots_nest() {
            self.ancestors.extend(ancestors(key).map(<[u8]>::to_vec));
        }
    }
}

impl Winner<'_> {
    /// Whether dots nest, and the name or that of its field only repeats the prefix.
    fn is_last(&self, reserved: &Reserved) -> bool {
        reserved.dots_nest() && self.any(repeats_prefix)
    }

    /// Returns whether something holds for the name, or for the name of the field that these sources belong to.
    fn any(&self, mut holds: impl FnMut(&[u8]) -> bool) -> bool {
        holds(self.name) || self.owner.is_some_and(holds)
    }
}

/// Returns the last member with each name, in the original order.
fn winners<'a>(sets: &[&'a Members], reserved: &Reserved) -> Vec<Winner<'a>> {
    let mut all: Vec<(&Members, Member, Option<&[u8]>)> = Vec::new();
    for set in sets {
        let mut field: Option<&[u8]> = None;
        for member in set.iter() {
            if !member.is_sources() {
                field = Some(set.name(&member));
            }
            all.push((set, member, field.filter(|_| member.is_sources())));
        }
    }
    let mut seen: HashSet<(&[u8], bool)> = HashSet::new();
    let mut winners = Vec::new();
    for &(set, member, owner) in all.iter().rev() {
        let name = set.name(&member);
        // In reverse order, a list comes just before its field, so whether a later field replaces that field is already known.
        let goes_with_its_field = owner.is_some_and(|owner| seen.contains(&(owner, false)));
        // A list that is renamed with its field does not compete for its plain name.
        let is_renamed = owner.is_some_and(|owner| reserved.contains(owner));
        if !goes_with_its_field && seen.insert((name, is_renamed)) {
            winners.push(Winner {
                name,
                value: set.value(&member),
                owner,
            });
        }
    }
    winners.reverse();
    winners
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 10] = [
        "a",
        "a.b",
        "a.b.c",
        "b",
        "ab",
        "field",
        "field.a",
        "field.field",
        "level",
        "log",
    ];

    proptest! {
        #[test]
        fn members_that_keep_their_keys_are_merged_as_all_others_are(
            sets in prop::collection::vec(prop::collection::vec((0..NAMES.len(), 0..10_u8), 0..6), 1..4),
            dots_nest: bool,
        ) {
            let reserved = match dots_nest {
                true => Reserved::paths(["level", "log.origin"]),
                false => Reserved::names(["level"]),
            };
            let sets: Vec<Members> = sets
                .iter()
                .map(|set| {
                    let mut members = Members::default();
                    for (name, value) in set {
                        members.push_named(NAMES[*name], &reserved, |out| out.push(b'0' + value));
                    }
                    members
                })
                .collect();
            let sets: Vec<&Members> = sets.iter().collect();
            let merged = with_plain_keys(&sets, &reserved);
            let keep_keys = sets.iter().all(|set| set.iter().all(|member| member.has_plain_key()));
            prop_assert_eq!(merged.is_some() || dots_nest, keep_keys || dots_nest);
            if let Some(merged) = merged {
                let expected = with_new_keys(&sets, &reserved);
                prop_assert_eq!(format!("{merged:?}"), format!("{expected:?}"));
            }
            let mut line = b"{".to_vec();
            push_unique(&mut line, &sets, &reserved);
            let unique = unique(&sets, &reserved);
            prop_assert_eq!(&line[1..], unique.text());
        }
    }
}
