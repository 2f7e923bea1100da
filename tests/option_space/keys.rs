//! The rules of precedence and of renaming.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The names that user fields cannot have.
pub(crate) struct Taken {
    pub(crate) names: BTreeSet<String>,
    pub(crate) dots_nest: bool,
}

impl Taken {
    /// Returns a name as it is written, without prefixes: if dots nest, no part of it is blank.
    pub(crate) fn written(&self, name: &str) -> String {
        let part = |part: &str| match part.trim().is_empty() && self.dots_nest {
            true => "_".to_owned(),
            false => part.to_owned(),
        };
        name.split('.').map(part).collect::<Vec<_>>().join(".")
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.names.contains(key)
            // If dots nest, the prefix is an object.
            || self.dots_nest && key == "field"
            || self.dots_nest
                && self.names.iter().any(|name| is_below(name, key) || is_below(key, name))
    }
}

fn is_below(below: &str, above: &str) -> bool {
    below
        .strip_prefix(above)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// A field with a value, or the list of an error's sources with the name of its field.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) field: Option<String>,
}

/// Returns the last entry with each name. A list is removed with its field, and a list renamed with its field does not compete for its
/// plain name.
pub(crate) fn winners(entries: &[Entry], taken: &Taken) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let mut winners = Vec::new();
    for entry in entries.iter().rev() {
        let is_gone = entry
            .field
            .as_ref()
            .is_some_and(|field| seen.contains(&(field.clone(), false)));
        let is_renamed_list = entry.field.as_ref().is_some_and(|field| taken.has(field));
        if !is_gone && seen.insert((entry.name.clone(), is_renamed_list)) {
            winners.push(entry.clone());
        }
    }
    winners.reverse();
    winners
}

/// Returns the winners by key. A taken name gets prefixes until its key is neither taken nor used, and a list gets at least as many
/// prefixes as its field. If dots nest, a name above another one is taken too, and so is a key above or below a used one. Then a name that
/// only repeats the prefix gets its key last.
pub(crate) fn keyed(winners: &[Entry], taken: &Taken) -> BTreeMap<String, Value> {
    let any = |entry: &Entry, holds: &dyn Fn(&str) -> bool| {
        holds(&entry.name) || entry.field.as_deref().is_some_and(holds)
    };
    let repeats_prefix = |name: &str| name.split('.').all(|part| part == "field");
    let is_last = |entry: &Entry| taken.dots_nest && any(entry, &repeats_prefix);
    let free: Vec<&Entry> = winners
        .iter()
        .filter(|entry| !is_last(entry) && !any(entry, &|name| taken.has(name)))
        .collect();
    let is_above =
        |name: &str| taken.dots_nest && free.iter().any(|other| is_below(&other.name, name));
    let is_renamed = |entry: &Entry| any(entry, &|name| taken.has(name) || is_above(name));
    let mut used: BTreeSet<String> = winners
        .iter()
        .filter(|entry| !is_last(entry) && !is_renamed(entry))
        .map(|entry| entry.name.clone())
        .collect();
    let mut keyed = BTreeMap::new();
    let mut prefixes_of_field = 0;
    let (last, first): (Vec<&Entry>, Vec<&Entry>) =
        winners.iter().partition(|entry| is_last(entry));
    for entry in first.into_iter().chain(last) {
        let mut prefixes = 0;
        if is_renamed(entry) || is_last(entry) {
            prefixes = if entry.field.is_some() {
                prefixes_of_field
            } else {
                usize::from(is_renamed(entry))
            };
            let key = |prefixes| format!("{}{}", "field.".repeat(prefixes), entry.name);
            let is_used = |key: &str| {
                let is_related = |other: &String| is_below(other, key) || is_below(key, other);
                let is_related = |other: &String| taken.dots_nest && is_related(other);
                used.contains(key) || is_above(key) || used.iter().any(is_related)
            };
            // With many prefixes, a key only has to be unique.
            while prefixes < 8 && (taken.has(&key(prefixes)) || is_used(&key(prefixes)))
                || used.contains(&key(prefixes))
            {
                prefixes += 1;
            }
            used.insert(key(prefixes));
        }
        if entry.field.is_none() {
            prefixes_of_field = prefixes;
        }
        keyed.insert(
            format!("{}{}", "field.".repeat(prefixes), entry.name),
            entry.value.clone(),
        );
    }
    keyed
}
