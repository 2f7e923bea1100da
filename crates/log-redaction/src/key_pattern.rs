use crate::key_words::{KeyWords, is_separator};

/// A pattern for keys. Case and separators do not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyPattern {
    /// In lower case and without separators.
    pattern: String,
    is_glob: bool,
}

impl KeyPattern {
    pub(crate) fn new(pattern: &str) -> Self {
        let characters = pattern
            .chars()
            .filter(|character| !is_separator(*character));
        Self {
            pattern: characters.flat_map(char::to_lowercase).collect(),
            is_glob: pattern.contains('*'),
        }
    }

    /// Returns the letters with which all matching keys end, or an empty text if keys of any end match.
    pub(crate) fn end(&self) -> &str {
        self.pattern.rsplit('*').next().unwrap_or_default()
    }

    /// Returns the longest part between stars.
    pub(crate) fn longest_part(&self) -> &str {
        let parts = self.pattern.split('*');
        parts.max_by_key(|part| part.len()).unwrap_or_default()
    }

    /// Returns whether the pattern has to match the whole key.
    pub(crate) fn is_glob(&self) -> bool {
        self.is_glob
    }

    /// Returns whether a key has this pattern: a glob has to match the whole key, and a name its last words.
    pub(crate) fn matches(&self, words: &KeyWords) -> bool {
        if self.is_glob {
            matches_glob(self.pattern.as_bytes(), words.joined().as_bytes())
        } else {
            words.end_with(&self.pattern)
        }
    }
}

/// Returns whether a text matches a pattern in which `*` stands for any text. The time is at most the product of both lengths.
fn matches_glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut in_pattern, mut in_text) = (0, 0);
    // Where to continue after the last `*`, if the rest does not match.
    let mut retry: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                retry = Some((in_pattern + 1, in_text));
                in_pattern += 1;
            }
            Some(byte) if *byte == text[in_text] => {
                in_pattern += 1;
                in_text += 1;
            }
            _ => {
                let Some((after_star, from)) = retry else {
                    return false;
                };
                retry = Some((after_star, from + 1));
                (in_pattern, in_text) = (after_star, from + 1);
            }
        }
    }
    pattern[in_pattern..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, key: &str) -> bool {
        KeyPattern::new(pattern).matches(&KeyWords::of(key))
    }

    #[test]
    fn a_name_matches_the_last_words_of_a_key_in_any_spelling() {
        for key in [
            "api_key",
            "api-key",
            "api.key",
            "apikey",
            "apiKey",
            "ApiKey",
            "API_KEY",
            "APIKey",
            "x-api-key",
            "myApiKey",
            "shop.api_key",
            "request[api_key]",
        ] {
            assert!(matches("api_key", key), "{key}");
            assert!(matches("apiKey", key), "{key}");
        }
        for key in ["key", "api", "api_key_id", "okapikey", "api_keys", "", "é"] {
            assert!(!matches("api_key", key), "{key}");
        }
    }

    #[test]
    fn a_glob_matches_the_whole_key() {
        for (glob, key) in [
            ("*.authorization", "http.request.header.authorization"),
            ("card*", "card_number"),
            ("*card*", "theCardNumber"),
            ("*", "anything"),
            ("a*b*c", "axxbxbyc"),
        ] {
            assert!(matches(glob, key), "{glob} {key}");
        }
        for (glob, key) in [("card*", "my_card"), ("a*b*c", "axxbxby"), ("*x", "xa")] {
            assert!(!matches(glob, key), "{glob} {key}");
        }
    }

    #[test]
    fn a_name_without_letters_matches_no_key() {
        assert!(!matches("", ""));
        assert!(!matches("-", "-"));
    }
}
