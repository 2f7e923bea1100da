//! All call sites created at run time, and a cache of those that a thread used last.

use super::{MAX_KEYS, MAX_SITES, Name, Place, Site};
use std::{
    cell::Cell,
    collections::HashMap,
    hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState},
    sync::{LazyLock, PoisonError, RwLock},
};
use tracing_core::Metadata;

static ALL: LazyLock<RwLock<All>> = LazyLock::new(RwLock::default);

#[derive(Default)]
struct All {
    /// Sites by hash. The hash is keyed at random, because an attacker may choose the names.
    by_hash: HashMap<u64, Vec<&'static Site>>,
    by_metadata: HashMap<usize, &'static Site>,
    hasher: RandomState,
}

/// The number of sites that a thread caches, a power of two.
pub(crate) const REMEMBERED: usize = 256;

thread_local! {
    static RECENT: [Cell<Option<&'static Site>>; REMEMBERED] = const { [const { Cell::new(None) }; REMEMBERED] };
}

/// Returns the site for a place and its keys. Returns `None` if there are [too many sites](MAX_SITES) or [keys](MAX_KEYS).
pub(crate) fn find(place: &Place<'_>, names: &[Name<'_>]) -> Option<&'static Site> {
    // Records of one place can have different sets of keys. The lengths of the keys distinguish them in the cache.
    let lengths = names.iter().map(|name| name.as_str().len() as u64);
    let mixed = lengths.fold(0_u64, |mixed, length| mixed.rotate_left(5) ^ length);
    find_or_remember(slot(place, mixed), place, names)
}

/// Like [`find`], for places that usually log with the same keys each time. Afterwards, [`recent`] returns the site.
#[cfg(feature = "log")]
pub(crate) fn find_of_one(place: &Place<'_>, names: &[Name<'_>]) -> Option<&'static Site> {
    find_or_remember(slot(place, 0), place, names)
}

/// Returns the site that this thread last found for a place that consists of the same texts in memory. Its keys may differ.
#[cfg(feature = "log")]
#[inline]
pub(crate) fn recent(place: &Place<'_>) -> Option<&'static Site> {
    remembered(slot(place, 0)).filter(|site| site.is_at_same(place))
}

#[inline]
fn find_or_remember(slot: usize, place: &Place<'_>, names: &[Name<'_>]) -> Option<&'static Site> {
    if let Some(site) = remembered(slot)
        && site.is_of(place, names)
    {
        return Some(site);
    }
    let site = find_or_keep(place, names, false)?;
    // While the thread's locals are destroyed, nothing is cached.
    let _ = RECENT.try_with(|recent| recent[slot].set(Some(site)));
    Some(site)
}

#[inline]
fn remembered(slot: usize) -> Option<&'static Site> {
    RECENT.try_with(|recent| recent[slot].get()).ok().flatten()
}

/// Returns a site shared by records that have none of their own. There are few of these, so [`MAX_SITES`] does not apply.
pub(super) fn find_shared(place: &Place<'_>, names: &[Name<'_>]) -> Option<&'static Site> {
    find_or_keep(place, names, true)
}

/// Returns the site of an event that comes from another logging crate.
pub(crate) fn of(metadata: &'static Metadata<'static>) -> Option<&'static Site> {
    let all = ALL.read().unwrap_or_else(PoisonError::into_inner);
    all.by_metadata.get(&address(metadata)).copied()
}

fn address(metadata: &'static Metadata<'static>) -> usize {
    std::ptr::from_ref(metadata) as usize
}

/// Returns the slot, out of [`REMEMBERED`], for what a thread caches about a place.
#[cfg(feature = "slog")]
#[inline]
pub(crate) fn slot_of_place(place: &Place<'_>) -> usize {
    slot(place, 0)
}

/// Returns the slot for a site. Uses only values that are cheap to read.
#[inline]
fn slot(place: &Place<'_>, keys: u64) -> usize {
    // The file name is usually the same text in memory each time.
    let text = place.file.unwrap_or(place.target).as_str();
    let line = u64::from(place.line.unwrap_or_default());
    let mixed = text.as_ptr() as u64 ^ line.rotate_left(32) ^ keys.rotate_left(48);
    // The high bits of a product depend on all bits of its factors (Knuth's multiplicative hashing).
    let product = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (product >> (u64::BITS - REMEMBERED.ilog2())) as usize
}

fn find_or_keep(place: &Place<'_>, names: &[Name<'_>], is_shared: bool) -> Option<&'static Site> {
    if names.len() > MAX_KEYS {
        return None;
    }
    let all = ALL.read().unwrap_or_else(PoisonError::into_inner);
    let hash = hash(&all.hasher, place, names);
    if let Some(site) = all.get(hash, place, names) {
        return Some(site);
    }
    drop(all);
    let mut all = ALL.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(site) = all.get(hash, place, names) {
        return Some(site);
    }
    if all.by_metadata.len() >= MAX_SITES && !is_shared {
        return None;
    }
    let site = Site::keep(place, names, is_shared);
    all.by_hash.entry(hash).or_default().push(site);
    all.by_metadata.insert(address(site.metadata()), site);
    Some(site)
}

fn hash(hasher: &RandomState, place: &Place<'_>, names: &[Name<'_>]) -> u64 {
    let mut state = hasher.build_hasher();
    place.hash(&mut state);
    for name in names {
        name.as_str().hash(&mut state);
    }
    state.finish()
}

impl All {
    fn get(&self, hash: u64, place: &Place<'_>, names: &[Name<'_>]) -> Option<&'static Site> {
        let sites = self.by_hash.get(&hash)?;
        sites.iter().copied().find(|site| site.is_of(place, names))
    }
}
