//! The rules of precedence and of renaming.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Names that cannot be taken.
pub(crate) struct Taken {
    pub(crate) names: BTreeSet<String>,
    pub(crate) dots_nest: bool,
}

impl Taken {
    pub(crate) fn has(&self, key: &str) -> bool {
        let is_below = |below: &str, above: &str| {
            below
                .strip_prefix(above)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        self.names.contains(key)
            // Where dots nest, the prefix is an object.
            || self.dots_nest && key == "field"
            || self.dots_nest
                && self.names.iter().any(|name| is_below(name, key) || is_below(key, name))
    }
}

/// A field with a value, or the list of an error's sources, which names its field.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) field: Option<String>,
}

/// The last of each name. A list goes with its field; one that is renamed with its field is no bearer of its plain name.
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

/// The winners under their keys: a taken name gets the prefix until its key is neither taken nor another's, and a list
/// has at least as many as its field.
pub(crate) fn keyed(winners: &[Entry], taken: &Taken) -> BTreeMap<String, Value> {
    let is_renamed = |entry: &Entry| {
        taken.has(&entry.name) || entry.field.as_ref().is_some_and(|field| taken.has(field))
    };
    let mut used: BTreeSet<String> = winners
        .iter()
        .filter(|entry| !is_renamed(entry))
        .map(|entry| entry.name.clone())
        .collect();
    let mut keyed = BTreeMap::new();
    let mut prefixes_of_field = 0;
    for entry in winners {
        let mut prefixes = 0;
        if is_renamed(entry) {
            prefixes = if entry.field.is_some() {
                prefixes_of_field
            } else {
                1
            };
            let key = |prefixes| format!("{}{}", "field.".repeat(prefixes), entry.name);
            while taken.has(&key(prefixes)) || used.contains(&key(prefixes)) {
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
