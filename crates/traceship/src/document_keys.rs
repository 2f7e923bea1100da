//! Renames the keys of a document that Elasticsearch and OpenSearch cannot take.
//!
//! They read a dot in a key as nesting. So they reject a document with an empty key, with a part of a key that is empty or blank (`a..b`,
//! `.a`, `a.`), and with a value beside fields below it (`a` beside `a.b`). At the top level they reject their own metadata fields (`_id`).
//!
//! | key | renamed to |
//! |---|---|
//! | an empty or blank part: the empty key, `a..b`, `.a`, `a.`, `.` | `_`, `a._.b`, `_.a`, `a._`, `_._` |
//! | at the top level, a metadata field or a key below it: `_id`, `_source.x` | `field._id`, `field._source.x` |
//! | at the top level, an `@timestamp` that is neither a string nor a number, or a key below it | `field.@timestamp` |
//! | a key with a value, if another key of the document is below it: `a` beside `a.b` | `field.a` |
//!
//! If another key of the document has the new name, or a value above it, the prefix is `field_.`, or `field__.`, and so on.

use super::key_walk::{Holds, Key, KeyWalk, Path};
use log_files::{METADATA_FIELDS, without_blank_parts};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// The memory for this many paths is kept for the next document.
const KEPT_PATHS: usize = 1_024;

/// After this many attempts, a name may collide with another one.
const MAX_UNDERSCORES: usize = 64;

/// The key under which a document has its time.
const TIME: &str = "@timestamp";

/// The keys of one document. The memory is reused for the next document.
#[derive(Debug, Default)]
pub(super) struct DocumentKeys {
    used: FxHashMap<Path, Use>,
    is_wrong: bool,
    /// The prefixes of renamed keys. The keys of the objects in a list are renamed alike.
    prefixes: FxHashMap<Path, String>,
}

/// How a path is used.
#[derive(Debug, Default)]
struct Use {
    is_value: bool,
    is_object: bool,
}

impl Use {
    fn is_both(&self) -> bool {
        self.is_object && self.is_value
    }
}

impl DocumentKeys {
    /// Renames keys of a valid JSON object. Also returns whether it has a time.
    pub(super) fn rename<'j>(&mut self, json: &'j str) -> (Cow<'j, str>, bool) {
        if self.used.capacity() > 2 * KEPT_PATHS {
            *self = Self::default();
        }
        self.used.clear();
        self.prefixes.clear();
        self.is_wrong = false;
        let has_time = self.read(json);
        match self.is_wrong {
            false => (Cow::Borrowed(json), has_time),
            true => (Cow::Owned(self.write(json)), has_time),
        }
    }

    /// Notes how each path is used, and whether a key is wrong. Returns whether the document has a time.
    fn read(&mut self, json: &str) -> bool {
        let mut has_time = false;
        let mut walk = KeyWalk::new(json);
        while let Some(key) = walk.next(|ancestor| self.note(ancestor, false)) {
            let is_taken = is_taken(&key);
            has_time |= is_time(&key);
            self.is_wrong |= is_taken || matches!(without_blank_parts(&key.name), Cow::Owned(_));
            match key.holds {
                Holds::Object => self.note(key.path, false),
                Holds::Scalar | Holds::Other => self.note(key.path, true),
                Holds::Nothing => {}
            }
        }
        has_time
    }

    /// Notes that a path has a value, or else that there are fields below it.
    fn note(&mut self, path: Path, is_value: bool) {
        let used = self.used.entry(path).or_default();
        used.is_value |= is_value;
        used.is_object |= !is_value;
        self.is_wrong |= used.is_both();
    }

    /// Returns the document with all keys renamed.
    fn write(&mut self, json: &str) -> String {
        let mut out = Vec::with_capacity(json.len() + 64);
        let mut copied = 0;
        let mut walk = KeyWalk::new(json);
        while let Some(key) = walk.next(|_| ()) {
            let Some(name) = self.new_name(&key) else {
                continue;
            };
            out.extend_from_slice(
                json.as_bytes()
                    .get(copied..key.range.start)
                    .unwrap_or_default(),
            );
            // Writing to a `Vec` cannot fail.
            let _ = serde_json::to_writer(&mut out, &*name);
            copied = key.range.end;
        }
        out.extend_from_slice(json.as_bytes().get(copied..).unwrap_or_default());
        String::from_utf8(out).unwrap_or_default()
    }

    /// Returns the new name of a key, if it is renamed.
    fn new_name(&mut self, key: &Key<'_>) -> Option<String> {
        let is_value = matches!(key.holds, Holds::Scalar | Holds::Other);
        let is_both = self.used.get(&key.path).is_some_and(Use::is_both);
        let needs_prefix = is_taken(key) || (is_value && is_both && !is_time(key));
        let name = without_blank_parts(&key.name);
        if !needs_prefix && matches!(name, Cow::Borrowed(_)) {
            return None;
        }
        let mut prefix = match self.prefixes.get(&key.path) {
            Some(prefix) => prefix.clone(),
            None => self.free_prefix(key.parent, &name, needs_prefix),
        };
        self.prefixes.insert(key.path, prefix.clone());
        prefix.push_str(&name);
        let path = key
            .parent
            .join(&prefix, |ancestor| self.note(ancestor, false));
        self.note(path, is_value);
        Some(prefix)
    }

    /// Returns the first prefix with which a name is free.
    fn free_prefix(&self, parent: Path, name: &str, needs_prefix: bool) -> String {
        if !needs_prefix && self.is_free(parent, name) {
            return String::new();
        }
        let prefix = |underscores| format!("field{}.", "_".repeat(underscores));
        let is_free = |prefix: &String| self.is_free(parent, &format!("{prefix}{name}"));
        let mut prefixes = (0..MAX_UNDERSCORES).map(prefix);
        prefixes
            .find(is_free)
            .unwrap_or_else(|| prefix(MAX_UNDERSCORES))
    }

    /// Returns whether no other field has this name, or a value at one of its dotted ancestors.
    fn is_free(&self, parent: Path, name: &str) -> bool {
        let mut is_below_value = false;
        let path = parent.join(name, |ancestor| {
            let used = self.used.get(&ancestor);
            is_below_value |= used.is_some_and(|used| used.is_value && !used.is_object);
        });
        !is_below_value && !self.used.contains_key(&path)
    }
}

/// Returns whether this is the time of the document.
fn is_time(key: &Key<'_>) -> bool {
    key.is_top && key.name == TIME && key.holds == Holds::Scalar
}

/// Returns whether the server gives the key, or what is above it, another meaning.
fn is_taken(key: &Key<'_>) -> bool {
    let is_reserved = || {
        let first = key.name.split('.').next().unwrap_or_default();
        first == TIME || METADATA_FIELDS.contains(&first)
    };
    let may_be_reserved = matches!(key.name.as_bytes(), [b'_' | b'@', ..]);
    key.is_top && may_be_reserved && is_reserved() && !is_time(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn renamed(json: &str) -> String {
        let text = DocumentKeys::default().rename(json).0.into_owned();
        serde_json::from_str::<Value>(&text).expect("the document is JSON");
        text
    }

    #[test]
    fn keys_that_the_server_cannot_take_are_renamed() {
        for (json, expected) in [
            (r#"{"":1}"#, r#"{"_":1}"#),
            (r#"{" ":1,"x\u3000.y":2}"#, r#"{"_":1,"x\u3000.y":2}"#),
            (
                r#"{"a..b":1,".c":2,"d.":3,".":4,"e. .f":5}"#,
                r#"{"a._.b":1,"_.c":2,"d._":3,"_._":4,"e._.f":5}"#,
            ),
            (
                r#"{"x":{"":1,"y":[{"a.":2},{"a.":3}]}}"#,
                r#"{"x":{"_":1,"y":[{"a._":2},{"a._":3}]}}"#,
            ),
            (
                r#"{"_id":"64b7","\u005fid":1}"#,
                r#"{"field._id":"64b7","field._id":1}"#,
            ),
            (
                r#"{"_source":{"_id":1},"_id.x":2}"#,
                r#"{"field._source":{"_id":1},"field._id.x":2}"#,
            ),
            (r#"{"a":1,"a.b":2}"#, r#"{"field.a":1,"a.b":2}"#),
            (
                r#"{ "a.b" : 2 , "a" : [1] }"#,
                r#"{ "a.b" : 2 , "field.a" : [1] }"#,
            ),
            (r#"{"a":{"b":1,"b.c":2}}"#, r#"{"a":{"field.b":1,"b.c":2}}"#),
            (
                r#"{"a":{"b":{"c":1}},"a.b":2}"#,
                r#"{"a":{"b":{"c":1}},"field.a.b":2}"#,
            ),
            (r#"{"@timestamp":null}"#, r#"{"field.@timestamp":null}"#),
            (
                r#"{"@timestamp":1,"@timestamp.x":2}"#,
                r#"{"@timestamp":1,"field.@timestamp.x":2}"#,
            ),
        ] {
            assert_eq!(renamed(json), expected);
        }
    }

    #[test]
    fn a_new_name_is_not_that_of_another_key() {
        for (json, expected) in [
            (
                r#"{"_id":1,"field._id":2}"#,
                r#"{"field_._id":1,"field._id":2}"#,
            ),
            (r#"{"field":1,"_id":2}"#, r#"{"field":1,"field_._id":2}"#),
            (
                r#"{"a":1,"a.b":2,"field":3}"#,
                r#"{"field_.a":1,"a.b":2,"field":3}"#,
            ),
            (
                r#"{"a.b":1,"a.b.c":2,"field.a":3}"#,
                r#"{"field_.a.b":1,"a.b.c":2,"field.a":3}"#,
            ),
            (r#"{"":1,"_":2}"#, r#"{"field._":1,"_":2}"#),
            (r#"{"a..b":1,"a":2}"#, r#"{"a._.b":1,"field.a":2}"#),
        ] {
            assert_eq!(renamed(json), expected);
        }
    }

    #[test]
    fn documents_that_the_server_takes_are_not_changed() {
        for json in [
            r#"{"@timestamp":"2026-11-29T10:00:00Z","log.level":"INFO","message":"a..b","trace.id":"4b","span":{"id":"f0"}}"#,
            r#"{"a":null,"a.b":1,"c":[],"c.d":2,"e":{},"e.f":3,"g":[{"h":1}],"g.i":2}"#,
            r#"{"a":{"_id":1},"_msg":"x","b":[{"x":1},{"x":2}],"field":1,"d":{"x":1},"d.x":2}"#,
        ] {
            let (text, has_time) = DocumentKeys::default().rename(json).to_owned();
            assert!(
                matches!(text, Cow::Borrowed(text) if text == json),
                "{text}"
            );
            assert_eq!(has_time, json.contains("@timestamp"));
        }
    }

    #[test]
    fn a_renamed_document_needs_no_renaming() {
        let names = [
            "",
            "a",
            "a.",
            "a.b",
            "a..b",
            "_id",
            "field",
            "field._id",
            "field.a",
            "_",
            "a.b.c",
            "@timestamp",
            ".",
        ];
        let mut keys = DocumentKeys::default();
        for first in names {
            for second in names {
                for third in names {
                    if first == second || second == third || third == first {
                        continue;
                    }
                    let json = format!(
                        r#"{{"{first}":1,"{second}":2,"{third}":{{"{first}":3,"{second}":4}}}}"#
                    );
                    let once = keys.rename(&json).0.into_owned();
                    let twice = keys.rename(&once).0;
                    assert_eq!(once, twice, "{json}");
                }
            }
        }
    }

    #[test]
    fn many_dots_and_many_keys_take_linear_memory() {
        let dots = format!("{{\"{}\":1}}", "a.".repeat(500_000));
        assert!(renamed(&dots).ends_with("a._\":1}"));
        let many: Vec<String> = (0..50_000)
            .map(|n| format!("\"k{n}\":1,\"k{n}.x\":2"))
            .collect();
        let many = format!("{{{}}}", many.join(","));
        assert_eq!(renamed(&many).matches("field.").count(), 50_000);
    }
}
