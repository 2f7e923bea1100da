use crate::key_words::{KeyWords, is_separator};

/// A path in nested JSON, such as `customer.address.street`. Each part is a key or `*`, which is any key. Case does not matter.
///
/// The elements of a list have the path of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathPattern {
    /// In lower case and without separators.
    parts: Vec<String>,
}

impl PathPattern {
    pub(crate) fn new(path: &str) -> Self {
        let path = path.strip_prefix("$.").unwrap_or(path);
        let parts = path.split('.').map(|part| {
            let characters = part.chars().filter(|character| !is_separator(*character));
            characters.flat_map(char::to_lowercase).collect()
        });
        Self {
            parts: parts.collect(),
        }
    }

    /// Returns the parts of the pattern that are left below a key, after `depth` parts have matched: `None` if the key does not match, and
    /// the new depth if it does. A key with dots is as many parts as it has.
    pub(crate) fn step(&self, depth: usize, key: &str) -> Option<usize> {
        let mut depth = depth;
        for part in key.split('.') {
            let expected = self.parts.get(depth)?;
            if expected != "*" && *expected != KeyWords::of(part).joined() {
                return None;
            }
            depth += 1;
        }
        Some(depth)
    }

    /// Returns whether all parts have matched at this depth.
    pub(crate) fn is_whole(&self, depth: usize) -> bool {
        depth == self.parts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_dots_are_as_many_parts() {
        let path = PathPattern::new("customer.*.postCode");
        assert_eq!(path.step(0, "customer"), Some(1));
        assert_eq!(path.step(1, "home"), Some(2));
        assert_eq!(path.step(2, "post_code"), Some(3));
        assert_eq!(path.step(0, "customer.home.post-code"), Some(3));
        assert!(path.is_whole(3));
        assert_eq!(path.step(0, "client"), None);
        assert_eq!(path.step(3, "more"), None);
    }
}
