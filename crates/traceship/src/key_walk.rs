//! Finds all keys of a JSON text, however deeply they are nested.

use log_files::{all_bytes, json::string_end};
use std::{borrow::Cow, ops::Range};

/// The path of a field as Elasticsearch reads it: `a.b` for `{"a.b":1}` and for `{"a":{"b":1}}`. It is a hash (FNV-1a), which is computed in
/// one pass over a key with many dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Path(u64);

impl Path {
    const TOP: Self = Self(0xcbf2_9ce4_8422_2325);

    /// Returns the path of a key below this path. Passes the path of each dotted ancestor to `ancestor`: `a` and `a.b` for `a.b.c`.
    pub(super) fn join(self, key: &str, mut ancestor: impl FnMut(Self)) -> Self {
        key.bytes().fold(self, |path, byte| {
            if byte == b'.' {
                ancestor(path);
            }
            path.and(byte)
        })
    }

    fn and(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    }
}

/// A key within a JSON text.
pub(super) struct Key<'j> {
    /// The position of the key, with its quotes.
    pub(super) range: Range<usize>,
    /// The key without escapes.
    pub(super) name: Cow<'j, str>,
    pub(super) parent: Path,
    pub(super) path: Path,
    pub(super) is_top: bool,
    pub(super) holds: Holds,
}

/// What the value of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// `null` or an empty list, for which no field is needed.
    Nothing,
    /// A string or a number.
    Scalar,
    /// Another value, or a list of values.
    Other,
    /// An object, or a list that begins with one.
    Object,
}

/// Walks over a valid JSON text. It does not recurse, and takes time in proportion to the length of the text.
pub(super) struct KeyWalk<'j> {
    json: &'j str,
    at: usize,
    levels: Vec<Level>,
    /// Whether the next string is a key.
    expects_key: bool,
}

/// An object or a list that is open.
struct Level {
    /// The path below which the keys of an object are.
    keys: Path,
    /// The path of the values within a list, or of the current value within an object.
    value: Path,
    is_object: bool,
}

impl<'j> KeyWalk<'j> {
    pub(super) fn new(json: &'j str) -> Self {
        Self {
            json,
            at: 0,
            levels: Vec::new(),
            expects_key: false,
        }
    }

    /// Returns the next key. Passes its dotted ancestors to `ancestor`.
    pub(super) fn next(&mut self, ancestor: impl FnMut(Path)) -> Option<Key<'j>> {
        loop {
            match self.byte()? {
                b'"' => {
                    let start = self.at;
                    self.at = string_end(self.json.as_bytes(), start)?;
                    if self.expects_key {
                        return self.key(start, ancestor);
                    }
                    continue;
                }
                open @ (b'{' | b'[') => self.open(open == b'{'),
                b'}' | b']' => {
                    self.levels.pop();
                    self.expects_key = false;
                }
                b',' => self.expects_key = self.levels.last().is_some_and(|level| level.is_object),
                _ => {}
            }
            self.at += 1;
        }
    }

    fn byte(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    fn open(&mut self, is_object: bool) {
        let value = self.levels.last().map(|level| level.value);
        self.levels.push(Level {
            keys: value.map_or(Path::TOP, |path| path.and(b'.')),
            value: value.unwrap_or(Path::TOP),
            is_object,
        });
        self.expects_key = is_object;
    }

    /// Returns the key that starts at `start` and ends before the current position. Goes to its value.
    fn key(&mut self, start: usize, ancestor: impl FnMut(Path)) -> Option<Key<'j>> {
        let range = start..self.at;
        let quoted = self.json.get(range.clone())?;
        let name = match all_bytes(quoted.as_bytes(), |byte| byte != b'\\') {
            true => Cow::Borrowed(quoted.get(1..quoted.len() - 1)?),
            false => Cow::Owned(serde_json::from_str(quoted).ok()?),
        };
        self.expects_key = false;
        let is_top = self.levels.len() == 1;
        let level = self.levels.last_mut()?;
        let path = level.keys.join(&name, ancestor);
        level.value = path;
        let parent = level.keys;
        self.skip(b": \t\r\n");
        let holds = self.holds();
        Some(Key {
            range,
            name,
            parent,
            path,
            is_top,
            holds,
        })
    }

    fn skip(&mut self, bytes: &[u8]) {
        while self.byte().is_some_and(|byte| bytes.contains(&byte)) {
            self.at += 1;
        }
    }

    fn holds(&self) -> Holds {
        let rest = self.json.as_bytes().get(self.at..).unwrap_or_default();
        let is_list = rest.first() == Some(&b'[');
        match rest.iter().find(|byte| !b"[ \t\r\n".contains(byte)) {
            Some(b'{') => Holds::Object,
            Some(b'n' | b']') | None => Holds::Nothing,
            Some(b'"' | b'-' | b'0'..=b'9') if !is_list => Holds::Scalar,
            Some(_) => Holds::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(json: &str) -> Vec<(String, usize, Holds)> {
        let mut walk = KeyWalk::new(json);
        let mut keys = Vec::new();
        let mut ancestors = 0;
        while let Some(key) = walk.next(|_| ancestors += 1) {
            assert_eq!(key.is_top, key.parent == Path::TOP);
            keys.push((key.name.into_owned(), ancestors, key.holds));
            ancestors = 0;
        }
        keys
    }

    #[test]
    fn all_keys_are_found_with_what_they_hold() {
        let json = r#"{"a":"x","b.c" : [ {"d":1},{"e":[[]]}], "\u0066.g.h":{},"\"":null,"i":["a","b"],"j":true,"k":-1}"#;
        let expected = [
            ("a", 0, Holds::Scalar),
            ("b.c", 1, Holds::Object),
            ("d", 0, Holds::Scalar),
            ("e", 0, Holds::Nothing),
            ("f.g.h", 2, Holds::Object),
            ("\"", 0, Holds::Nothing),
            ("i", 0, Holds::Other),
            ("j", 0, Holds::Other),
            ("k", 0, Holds::Scalar),
        ];
        let expected = expected.map(|(name, ancestors, holds)| (name.to_owned(), ancestors, holds));
        assert_eq!(keys(json), expected);
    }

    #[test]
    fn the_path_is_the_same_with_dots_and_with_objects() {
        let path = |json: &str| {
            let mut walk = KeyWalk::new(json);
            std::iter::from_fn(|| walk.next(|_| ()))
                .last()
                .map(|key| key.path)
        };
        let same = path(r#"{"a.b.c":1}"#);
        assert!(same.is_some());
        for json in [
            r#"{"a":{"b":{"c":1}}}"#,
            r#"{"a":[[{"b.c":1}]]}"#,
            r#"{"x":[{"y":1}],"a.b":{"c":1}}"#,
        ] {
            assert_eq!(path(json), same, "{json}");
        }
        assert_ne!(path(r#"{"a.b":{"d":1}}"#), same);
    }

    #[test]
    fn deep_nesting_does_not_recurse() {
        let json = format!("{}1{}", "{\"a\":[".repeat(100_000), "]}".repeat(100_000));
        assert_eq!(keys(&json).len(), 100_000);
    }
}
