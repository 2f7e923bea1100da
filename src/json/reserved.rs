//! The names that user fields cannot have.

use super::escape::push_escaped;
use log_files::without_blank_parts;
use std::{borrow::Cow, collections::HashSet};

/// The prefix for a taken name, repeated until the name is free.
pub(super) const PREFIX: &[u8] = b"field.";

/// After this many prefixes, a key may be an ancestor or a descendant of another key.
const MAX_PREFIXES: usize = 8;

/// A set of escaped names. Escaping is injective, so two escaped names are equal exactly if the names are.
#[derive(Debug, Default)]
pub(crate) struct Reserved {
    names: HashSet<Box<[u8]>>,
    /// The dotted ancestors of the names (`log` of `log.level`), if the schema reads a dot as nesting.
    ancestors: Option<HashSet<Box<[u8]>>>,
}

impl Reserved {
    /// Reserves exactly the given names.
    pub(crate) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            names: names.into_iter().map(escaped).collect(),
            ancestors: None,
        }
    }

    /// Also reserves keys that are already escaped.
    pub(crate) fn and_keys<'a>(mut self, keys: impl IntoIterator<Item = &'a [u8]>) -> Self {
        for key in keys {
            if let Some(taken) = &mut self.ancestors {
                taken.extend(ancestors(key).map(Box::from));
            }
            self.names.insert(key.into());
        }
        self
    }

    /// Reserves the given names, their dotted ancestors and their dotted descendants.
    ///
    /// Elasticsearch reads `log.level` as `{"log":{"level":…}}`, so it rejects the document `{"log":"x","log.level":"y"}`.
    pub(crate) fn paths<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut reserved = Self::names(names);
        let ancestors = reserved
            .names
            .iter()
            .flat_map(|name| ancestors(name))
            // Renamed fields are below the prefix.
            .chain(ancestors(PREFIX))
            .map(Box::from)
            .collect();
        reserved.ancestors = Some(ancestors);
        reserved
    }

    /// Returns whether a dot in a name nests.
    pub(super) fn dots_nest(&self) -> bool {
        self.ancestors.is_some()
    }

    /// Returns a name as it is written, without prefixes.
    pub(super) fn escaped(&self, name: &str) -> Box<[u8]> {
        let name = match self.dots_nest() {
            true => without_blank_parts(name),
            false => Cow::Borrowed(name),
        };
        escaped(&name)
    }

    pub(crate) fn contains(&self, name: &[u8]) -> bool {
        self.names.contains(name)
            || self.ancestors.as_ref().is_some_and(|taken| {
                taken.contains(name) || ancestors(name).any(|part| self.names.contains(part))
            })
    }

    /// Returns how many prefixes make `name` free: at least `prefixes`, and as many more as needed. `is_used` gets a key, and whether the key
    /// of an ancestor or a descendant counts too.
    pub(super) fn free(
        &self,
        name: &[u8],
        mut prefixes: usize,
        is_used: impl Fn(&[u8], bool) -> bool,
    ) -> usize {
        loop {
            let key = prefixed(name, prefixes);
            // If the prefix itself is a key, everything below it is taken. Then the key only has to be unique.
            let is_strict = prefixes < MAX_PREFIXES;
            let is_taken = if is_strict {
                self.contains(&key)
            } else {
                self.names.contains(&*key)
            };
            if !is_taken && !is_used(&key, is_strict) {
                return prefixes;
            }
            prefixes += 1;
        }
    }
}

/// Returns `name` with `prefixes` prefixes before it.
pub(super) fn prefixed(name: &[u8], prefixes: usize) -> Vec<u8> {
    let mut key = PREFIX.repeat(prefixes);
    key.extend_from_slice(name);
    key
}

/// Returns whether a name only repeats the prefix, as `field` and `field.field` do.
pub(super) fn repeats_prefix(name: &[u8]) -> bool {
    let part = PREFIX.strip_suffix(b".").unwrap_or(PREFIX);
    name.split(|byte| *byte == b'.').all(|other| other == part)
}

fn escaped(name: &str) -> Box<[u8]> {
    let mut out = Vec::with_capacity(name.len());
    push_escaped(&mut out, name);
    out.into_boxed_slice()
}

/// Returns the dotted ancestors: `a` and `a.b` for `a.b.c`.
pub(super) fn ancestors(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.iter()
        .enumerate()
        .filter(|&(_, &byte)| byte == b'.')
        .map(|(dot, _)| &name[..dot])
}

/// Returns whether one of two names is a dotted ancestor of the other.
pub(super) fn are_related(one: &[u8], other: &[u8]) -> bool {
    let (above, below) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    below.get(above.len()) == Some(&b'.') && below.starts_with(above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_reserve_ancestors_and_descendants() {
        let reserved = Reserved::paths(["log.origin.file.name", "message"]);
        for taken in [
            "log",
            "log.origin",
            "log.origin.file.name",
            "message",
            "message.id",
        ] {
            assert!(reserved.contains(taken.as_bytes()), "{taken}");
        }
        for free in ["log.level", "logger", "messages", "log.origin.file.line"] {
            assert!(!reserved.contains(free.as_bytes()), "{free}");
        }
    }

    #[test]
    fn names_reserve_only_themselves() {
        let reserved = Reserved::names(["service.name"]);
        assert!(reserved.contains(b"service.name"));
        assert!(!reserved.contains(b"service"));
        assert!(!reserved.contains(b"service.name.x"));
    }
}
