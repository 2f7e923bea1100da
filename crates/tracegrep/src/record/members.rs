//! The names and values of a line.

use serde_json::{Map, Value};
use std::collections::HashSet;

/// Objects deeper than this stay values. With the bound of names, it bounds the memory for a line to a multiple of its length.
const MAX_DEPTH: usize = 8;
/// An object stays a value if the names of its members would be longer than this, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// The members of a line, in their order. The members of objects are members themselves, with their names joined by dots.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    list: Vec<Member>,
}

/// A name with its value.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// The name, as written.
    pub(super) name: String,
    /// The name as [`names`](super::names) has it: in lower case, without `_` and `-`.
    pub(super) key: String,
    pub(super) value: Value,
    /// Whether a record has the value in another place than its fields.
    pub(super) is_used: bool,
}

impl Members {
    /// Returns the members of an object, and of the objects in it.
    pub(super) fn of_object(object: Map<String, Value>) -> Self {
        let mut members = Self::default();
        members.flatten("", object, 1);
        members
    }

    fn flatten(&mut self, prefix: &str, object: Map<String, Value>, depth: usize) {
        for (name, value) in object {
            let name = match prefix {
                "" => name,
                prefix => format!("{prefix}.{name}"),
            };
            match value {
                Value::Object(inner)
                    if !inner.is_empty() && depth < MAX_DEPTH && name.len() <= MAX_NAME_BYTES =>
                {
                    self.flatten(&name, inner, depth + 1);
                }
                value => self.push(name, value),
            }
        }
    }

    /// Appends a member.
    pub(super) fn push(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let name = name.into();
        self.list.push(Member {
            key: key_of(&name),
            name,
            value: value.into(),
            is_used: false,
        });
    }

    /// Appends those members whose keys no other member has. Of those with the same key, it appends the first.
    pub(super) fn extend_new(&mut self, members: impl IntoIterator<Item = (String, Value)>) {
        let keys = self.list.iter().map(|member| member.key.clone());
        let mut keys: HashSet<String> = keys.collect();
        for (name, value) in members {
            if keys.insert(key_of(&name)) {
                self.push(name, value);
            }
        }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Member> {
        self.list.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.list.iter_mut()
    }

    pub(super) fn at(&self, index: usize) -> Option<&Member> {
        self.list.get(index)
    }

    pub(super) fn at_mut(&mut self, index: usize) -> Option<&mut Member> {
        self.list.get_mut(index)
    }

    /// Returns the value of the first member with a key.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let member = self.list.iter().find(|member| member.key == key)?;
        Some(&member.value)
    }

    /// Returns the text of the first member with a key, if it is a string.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Removes the first member with a key, and returns its value.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        let at = self.list.iter().position(|member| member.key == key)?;
        Some(self.list.remove(at).value)
    }

    /// Removes all members whose keys have a prefix.
    pub(super) fn remove_below(&mut self, prefix: &str) {
        self.list.retain(|member| !member.key.starts_with(prefix));
    }

    /// Removes a prefix from the names of all members that have it, except where another member has that name.
    pub(super) fn strip_prefix(&mut self, prefix: &str) {
        let names = self.list.iter().map(|member| member.name.clone());
        let taken: HashSet<String> = names.collect();
        for member in &mut self.list {
            if let Some(name) = member.name.strip_prefix(prefix)
                && !taken.contains(name)
            {
                member.key = key_of(name);
                member.name = name.to_owned();
            }
        }
    }

    /// Returns all members that no other part of a record has.
    pub(super) fn into_fields(self) -> Vec<(String, Value)> {
        let unused = self.list.into_iter().filter(|member| !member.is_used);
        unused.map(|member| (member.name, member.value)).collect()
    }
}

/// Returns a name in lower case and without `_` and `-`, so that `traceId`, `trace_id` and `trace-id` are the same.
pub(super) fn key_of(name: &str) -> String {
    let kept = name.chars().filter(|c| !matches!(c, '_' | '-'));
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(line: &str) -> Members {
        Members::of_object(serde_json::from_str(line).expect("an object"))
    }

    #[test]
    fn nested_and_dotted_names_are_the_same_and_lists_stay_as_they_are() {
        let nested = members(r#"{"trace":{"id":"1"},"list":[{"a":1}],"empty":{}}"#);
        let dotted = members(r#"{"trace.id":"1","list":[{"a":1}],"empty":{}}"#);
        assert_eq!(nested.clone().into_fields(), dotted.into_fields());
        assert_eq!(nested.text("trace.id"), Some("1"));
    }

    #[test]
    fn keys_have_neither_case_nor_separators() {
        for name in ["traceId", "trace_id", "TraceID", "trace-id"] {
            assert_eq!(key_of(name), "traceid");
        }
    }

    #[test]
    fn deep_objects_and_long_names_stay_values() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(100), "}".repeat(100));
        let fields = members(&deep).into_fields();
        assert_eq!(fields.len(), 1);
        assert_eq!(fields[0].0, "a.a.a.a.a.a.a.a");
        let long = format!(r#"{{"{}":{{"b":1}}}}"#, "a".repeat(1_000));
        assert!(members(&long).into_fields()[0].1.is_object());
    }

    #[test]
    fn a_prefix_is_kept_where_another_member_has_the_name() {
        let mut members = members(r#"{"level":"INFO","fields":{"level":3,"message":"m"}}"#);
        members.strip_prefix("fields.");
        let names: Vec<_> = members.iter().map(|member| &*member.name).collect();
        assert_eq!(names, ["level", "fields.level", "message"]);
    }
}
