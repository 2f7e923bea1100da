//! Names that user fields cannot take.

use super::escape::push_escaped;
use std::collections::HashSet;

/// What a taken name is led by, as often as it needs to be free.
pub(super) const PREFIX: &[u8] = b"field.";

/// So many prefixes are tried for a key that is neither above nor below another.
const MAX_PREFIXES: usize = 8;

/// A set of names, in their escaped form: escaping is injective, so comparing escaped names compares names.
#[derive(Debug, Default)]
pub(crate) struct Reserved {
    names: HashSet<Box<[u8]>>,
    /// The dotted ancestors of the names (`log` of `log.level`), where a dot makes an object of what stands before it.
    ancestors: Option<HashSet<Box<[u8]>>>,
}

impl Reserved {
    /// The given names and no other.
    pub(crate) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            names: names.into_iter().map(escaped).collect(),
            ancestors: None,
        }
    }

    /// Adds keys that are written already, and so escaped.
    pub(crate) fn and_keys<'a>(mut self, keys: impl IntoIterator<Item = &'a [u8]>) -> Self {
        for key in keys {
            if let Some(taken) = &mut self.ancestors {
                taken.extend(ancestors(key).map(Box::from));
            }
            self.names.insert(key.into());
        }
        self
    }

    /// The given names, those that would have to be an object where one of them is a value, and the reverse.
    ///
    /// Elasticsearch reads `log.level` as `{"log":{"level":…}}`, so `{"log":"x","log.level":"y"}` is a document that it
    /// rejects.
    pub(crate) fn paths<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut reserved = Self::names(names);
        let ancestors = reserved
            .names
            .iter()
            .flat_map(|name| ancestors(name))
            // What is renamed stands below it.
            .chain(ancestors(PREFIX))
            .map(Box::from)
            .collect();
        reserved.ancestors = Some(ancestors);
        reserved
    }

    pub(crate) fn contains(&self, name: &[u8]) -> bool {
        self.names.contains(name)
            || self.ancestors.as_ref().is_some_and(|taken| {
                taken.contains(name) || ancestors(name).any(|part| self.names.contains(part))
            })
    }

    /// How many prefixes make `name` free: at least `prefixes`, and as many more as it takes.
    pub(super) fn free(
        &self,
        name: &[u8],
        mut prefixes: usize,
        is_used: impl Fn(&[u8]) -> bool,
    ) -> usize {
        loop {
            let key = prefixed(name, prefixes);
            // Where the prefix itself is a key, all that stands below it is taken: then it must do that the key is unique.
            let is_taken = if prefixes < MAX_PREFIXES {
                self.contains(&key)
            } else {
                self.names.contains(&*key)
            };
            if !is_taken && !is_used(&key) {
                return prefixes;
            }
            prefixes += 1;
        }
    }
}

/// `name` behind so many prefixes.
pub(super) fn prefixed(name: &[u8], prefixes: usize) -> Vec<u8> {
    let mut key = PREFIX.repeat(prefixes);
    key.extend_from_slice(name);
    key
}

pub(super) fn escaped(name: &str) -> Box<[u8]> {
    let mut out = Vec::with_capacity(name.len());
    push_escaped(&mut out, name);
    out.into_boxed_slice()
}

/// `a` and `a.b` of `a.b.c`.
fn ancestors(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.iter()
        .enumerate()
        .filter(|&(_, &byte)| byte == b'.')
        .map(|(dot, _)| &name[..dot])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_reserve_their_ancestors_and_descendants() {
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
    fn names_reserve_nothing_but_themselves() {
        let reserved = Reserved::names(["service.name"]);
        assert!(reserved.contains(b"service.name"));
        assert!(!reserved.contains(b"service"));
        assert!(!reserved.contains(b"service.name.x"));
    }
}
