//! The keys of a field set, prepared once per call site, before any value is known.

use super::{
    key_form::{KeyForm, Kind},
    padded::Padded,
    reserved::{PREFIX, Reserved, ancestors, prefixed},
};
use log_files::fnv1a;
use log_redaction::KeyRule;
use std::collections::HashSet;

/// The keys of one field set, in the order of its fields.
#[derive(Debug)]
pub(crate) struct Keys {
    keys: Box<[Key]>,
    /// The union of the [`bit`]s of all keys.
    pub(super) mask: u64,
    /// Whether no two keys are equal and, if dots nest, none is an ancestor of another.
    pub(super) distinct: bool,
}

/// One key, rendered.
#[derive(Debug)]
pub(crate) struct Key {
    /// `,"name":"`, with the opening quote of a text.
    text: Padded<PADDED>,
    pub(super) form: KeyForm,
    /// The [`hash`] of the rendered key. Different hashes prove that two keys differ.
    pub(super) hash: u64,
    pub(super) place: Place,
    /// The rule of a [`Place::Redacted`].
    pub(super) rule: Option<KeyRule>,
}

/// The length of a padded key. Most keys are shorter than this.
const PADDED: usize = 32;

/// Where a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// As a member of the object.
    Member,
    /// As the line's message.
    Message,
    /// As a member with something else in place of its value, or not at all.
    Redacted,
    /// Not at all.
    Nowhere,
}

impl Place {
    /// Returns whether the field can become a member.
    fn is_member(self) -> bool {
        matches!(self, Self::Member | Self::Redacted)
    }
}

impl Keys {
    /// Prepares the keys of a field set.
    pub(crate) fn new<'a>(
        names: impl IntoIterator<Item = &'a str>,
        reserved: &Reserved,
        place_of: impl Fn(&str) -> Place,
        rule_of: impl Fn(&str) -> Option<KeyRule>,
    ) -> Self {
        let keys: Box<[Key]> = names
            .into_iter()
            .map(|plain| {
                let name = &*reserved.escaped(plain);
                let place = place_of(plain);
                let rule = rule_of(plain).filter(|_| place == Place::Member);
                let place = match rule {
                    Some(_) => Place::Redacted,
                    None => place,
                };
                let prefixes = if place.is_member() && reserved.contains(name) {
                    // Only as many prefixes as reserved names require: a name then has the same key whatever its neighbours are.
                    // If that key is also a neighbour's, the keys are not `distinct`.
                    reserved.free(name, 1, |_, _| false)
                } else {
                    0
                };
                Key {
                    rule,
                    ..Key::new(render(name, prefixes), prefixes, place, reserved)
                }
            })
            .collect();
        let members = || keys.iter().filter(|key| key.place.is_member());
        let mut seen = HashSet::new();
        let mut distinct = members().all(|key| seen.insert(key_of(key.rendered())));
        if reserved.dots_nest() {
            let mut above = members().flat_map(|key| ancestors(key_of(key.rendered())));
            distinct &= !above.any(|ancestor| seen.contains(ancestor));
        }
        let mask = keys.iter().fold(0, |mask, key| mask | bit(key.hash));
        Self {
            keys,
            mask,
            distinct,
        }
    }

    /// Returns the keys of members.
    pub(super) fn members(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(|key| key.place.is_member())
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<&Key> {
        self.keys.get(index)
    }
}

impl Key {
    fn new(rendered: Vec<u8>, prefixes: usize, place: Place, reserved: &Reserved) -> Self {
        let form = KeyForm::new(rendered.len(), prefixes, Kind::Field);
        let hash = hash(&rendered, reserved);
        let mut text = rendered;
        text.push(b'"');
        Self {
            text: Padded::new(text),
            form,
            hash,
            place,
            rule: None,
        }
    }

    /// Returns how many bytes a member takes with a short value, and with the padding of its key.
    pub(super) fn room(&self) -> usize {
        self.text.len() + PADDED
    }

    /// Returns `,"name":`.
    fn rendered(&self) -> &[u8] {
        &self.text[..self.text.len() - 1]
    }

    /// Appends `,"name":`.
    #[inline]
    pub(super) fn push(&self, out: &mut Vec<u8>) {
        self.text.push_without_last(out);
    }

    /// Appends `,"name":"`.
    #[inline]
    pub(super) fn push_with_quote(&self, out: &mut Vec<u8>) {
        self.text.push(out);
    }

    /// Returns the escaped name without prefixes.
    pub(super) fn name(&self) -> &[u8] {
        let start = b",\"".len() + self.form.prefixes() * PREFIX.len();
        let rendered = self.rendered();
        &rendered[start..rendered.len() - b"\":".len()]
    }
}

/// Returns `,"name":` with `prefixes` prefixes before the name, which must already be escaped.
pub(super) fn render(name: &[u8], prefixes: usize) -> Vec<u8> {
    let mut out = b",\"".to_vec();
    out.extend_from_slice(&prefixed(name, prefixes));
    out.extend_from_slice(b"\":");
    out
}

/// Returns a rendered key as it stands between its quotes.
pub(super) fn key_of(rendered: &[u8]) -> &[u8] {
    &rendered[b",\"".len()..rendered.len() - b"\":".len()]
}

/// Returns the hash of a rendered key: FNV-1a with its two halves folded. If dots nest, the [`bit`] of the hash depends on the part before
/// the first dot alone, so a key has the same bit as its ancestors.
pub(super) fn hash(rendered: &[u8], reserved: &Reserved) -> u64 {
    let fold = |hash: u64| hash ^ (hash >> 32);
    let hash = fold(fnv1a(rendered));
    if !reserved.dots_nest() {
        return hash;
    }
    let key = key_of(rendered);
    let root = ancestors(key).next().unwrap_or(key);
    (hash & !BIT) | (fold(fnv1a(root)) & BIT)
}

/// The part of a hash that decides its [`bit`].
const BIT: u64 = 63;

/// Maps a hash to one of 64 bits. If the masks of two sets of keys share no bit, the sets have no key in common and, if dots nest, no key
/// of one is an ancestor of a key of the other.
#[inline]
pub(super) fn bit(hash: u64) -> u64 {
    1 << (hash & BIT)
}
