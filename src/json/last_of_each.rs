//! Leaves out repeated names where no name needs another key.

use super::{
    keys::bit,
    members::{Member, Members},
    reserved::{Reserved, are_related},
};

/// The maximum number of members. The time grows with its square, and hash tables are faster for more members than this.
const MAX_MEMBERS: usize = 256;

/// Passes the last member of each name to `keep`, in the original order and with its key. Returns `None`, maybe after some members, if a key
/// could have to change: if a name is reserved, if an error has sources, or if dots nest and one name is an ancestor of another.
///
/// An access line repeats all fields of its request's span. This merges them in 4 % of the time that hash tables of their names would
/// take.
pub(super) fn last_of_each(
    sets: &[&Members],
    reserved: &Reserved,
    mut keep: impl FnMut(&Members, &Member),
) -> Option<()> {
    let keeps_key = |member: Member| member.has_plain_key() && !member.is_sources();
    let count: usize = sets.iter().map(|set| set.len()).sum();
    if count > MAX_MEMBERS || !sets.iter().all(|set| set.iter().all(keeps_key)) {
        return None;
    }
    for (at, set) in sets.iter().enumerate() {
        for (index, member) in set.iter().enumerate() {
            let relation = relation(set, &member, set, index + 1, reserved).or_else(|| {
                let mut later = sets[at + 1..].iter();
                later.find_map(|others| relation(set, &member, others, 0, reserved))
            });
            match relation {
                Some(Relation::SameName) => {}
                Some(Relation::Ancestor) => return None,
                None => keep(set, &member),
            }
        }
    }
    Some(())
}

enum Relation {
    SameName,
    /// Dots nest, and one name is a dotted ancestor of the other.
    Ancestor,
}

/// Returns the first relation of a member to one of `others`, from an index on. All of them have plain keys.
#[inline]
fn relation(
    set: &Members,
    member: &Member,
    others: &Members,
    from: usize,
    reserved: &Reserved,
) -> Option<Relation> {
    let nest = reserved.dots_nest();
    // The keys of relatives have the same bit, and equal keys have the same hash.
    let may_relate = |hash| match nest {
        true => bit(hash) == bit(member.hash),
        false => hash == member.hash,
    };
    let key = set.key(member);
    let mut from = from;
    while let Some(index) = others.position(from, may_relate) {
        let other = others.key(&others.member(index));
        if key == other {
            return Some(Relation::SameName);
        }
        if nest && are_related(key, other) {
            return Some(Relation::Ancestor);
        }
        from = index + 1;
    }
    None
}
