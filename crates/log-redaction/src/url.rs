//! URLs without their secrets.

use crate::{key_words::is_separator, prepared::Prepared, sets::URL_PARAMETERS};
use log_files::{UrlParts, redacted};
use std::borrow::Cow;

/// Stands in place of secrets within URLs, by OpenTelemetry's conventions.
pub(crate) const REDACTED: &str = "REDACTED";

/// Replaces user and password.
const CREDENTIALS: &str = "REDACTED:REDACTED";

impl Prepared {
    /// Returns a URL with `REDACTED` in place of user, password and the values of secret parameters, and counts them. If the text is not a
    /// valid URL, its whole query and its fragment are removed too.
    pub(crate) fn url(&self, url: &str) -> String {
        let Some(parts) = UrlParts::of_valid(url) else {
            return redacted(url);
        };
        let credentials = if parts.has_credentials {
            let rest = url.get(parts.scheme.len()..).unwrap_or_default();
            if !rest.starts_with(CREDENTIALS) {
                self.count(self.url_credentials());
            }
            CREDENTIALS
        } else {
            ""
        };
        let (mark, query) = parts.query.split_at(parts.query.len().min(1));
        let query = self.query(query);
        [
            parts.scheme,
            credentials,
            parts.place,
            mark,
            &query,
            parts.fragment,
        ]
        .concat()
    }

    /// Returns a URL's query with `REDACTED` in place of the values of secret parameters, and counts them.
    pub(crate) fn query<'q>(&self, query: &'q str) -> Cow<'q, str> {
        let mut redacted = String::new();
        // How much of the query is in `redacted`.
        let mut copied = 0;
        let mut start = 0;
        // Most queries are short, and searching a short text byte by byte takes less time than setting up `str::split`.
        for parameter in query.as_bytes().split(|byte| *byte == b'&') {
            let end = start + parameter.len();
            if let Some(length) = parameter.iter().position(|byte| *byte == b'=')
                && &parameter[length + 1..] != REDACTED.as_bytes()
                && let Some(rule) = self.url_parameter(&query[start..start + length])
            {
                self.count(rule);
                redacted.push_str(&query[copied..start + length + 1]);
                redacted.push_str(REDACTED);
                copied = end;
            }
            start = end + 1;
        }
        if copied == 0 {
            return query.into();
        }
        redacted.push_str(&query[copied..]);
        redacted.into()
    }

    /// Returns the number of the rule for a parameter, if it is secret. The name may be percent-encoded: a server reads `%73ig` as `sig`.
    pub(crate) fn url_parameter(&self, name: &str) -> Option<usize> {
        let name = if name.bytes().any(|byte| byte == b'%') {
            percent_encoding::percent_decode_str(name).decode_utf8_lossy()
        } else {
            name.into()
        };
        let redaction = self.redaction();
        if let Some(parameters) = &redaction.parameters {
            let is_secret = parameters.iter().any(|secret| *secret == name);
            return is_secret.then(|| self.url_parameters());
        }
        if let Some(rule) = self.key(&name) {
            return Some(rule.rule as usize);
        }
        let is_secret = redaction.has_secret_keys && is_secret_parameter(name.as_bytes());
        is_secret.then(|| self.url_parameters())
    }
}

/// Returns whether the value of a parameter is secret, by its name alone.
pub(crate) fn is_secret_parameter(name: &[u8]) -> bool {
    let letters = || {
        let bytes = name.iter().filter(|byte| !is_separator(char::from(**byte)));
        bytes.map(u8::to_ascii_lowercase)
    };
    let (Some(first), length) = (letters().next(), letters().count()) else {
        return false;
    };
    if FIRST_LETTERS.get(length).unwrap_or(&0) & letter_bit(first) == 0 {
        return false;
    }
    let mut parameters = URL_PARAMETERS.iter();
    parameters.any(|secret| secret.len() == length && secret.bytes().eq(letters()))
}

/// For each length of a name, the first letters of the parameters with such a name, one bit for each. Most names are rejected by this.
const FIRST_LETTERS: [u32; 32] = {
    let mut letters = [0; 32];
    let mut index = 0;
    while index < URL_PARAMETERS.len() {
        let name = URL_PARAMETERS[index].as_bytes();
        letters[name.len()] |= letter_bit(name[0]);
        index += 1;
    }
    letters
};

const fn letter_bit(letter: u8) -> u32 {
    1 << (letter & 31)
}

#[cfg(test)]
mod tests {
    use crate::Redaction;

    #[test]
    fn credentials_and_secret_parameters_are_redacted_in_any_spelling() {
        let redactor = Redaction::new().secret_keys().build();
        for (url, safe) in [
            ("https://a/b?q=1#f", "https://a/b?q=1#f"),
            ("https://user:p@ss@a/b", "https://REDACTED:REDACTED@a/b"),
            ("https://user@a", "https://REDACTED:REDACTED@a"),
            ("https://a/b@c", "https://a/b@c"),
            ("https://a:80/@b?c=d@e#f@g", "https://a:80/@b?c=d@e#f@g"),
            ("/a//b@c", "/a//b@c"),
            (
                "https://user:password@a?c=d@e&sig=1#f@g",
                "https://REDACTED:REDACTED@a?c=d@e&sig=REDACTED#f@g",
            ),
            (
                "https://a/?sig=1&q=2&Signature=3",
                "https://a/?sig=REDACTED&q=2&Signature=REDACTED",
            ),
            ("https://a/?%73ig=1", "https://a/?%73ig=REDACTED"),
            ("https://a/?SIG=1&sig", "https://a/?SIG=REDACTED&sig"),
            (
                "https://a/?token=1&access_token=2&api-key=3&apiKey=4&PASSWORD=5&code=6&id_token=7",
                "https://a/?token=REDACTED&access_token=REDACTED&api-key=REDACTED&apiKey=REDACTED&PASSWORD=REDACTED&code=REDACTED&id_token=REDACTED",
            ),
            (
                "https://a/?state=1&tokens=2&monkey=3&signal=4&=5",
                "https://a/?state=1&tokens=2&monkey=3&signal=4&=5",
            ),
            ("https://a/?sig=1#sig=2", "https://a/?sig=REDACTED#sig=2"),
            (
                "/path?X-Amz-Credential=1&X-Amz-Security-Token=2",
                "/path?X-Amz-Credential=REDACTED&X-Amz-Security-Token=REDACTED",
            ),
            (
                "//a?AWSAccessKeyId=1&X-Goog-Signature=2&X-Amz-Signature=3",
                "//a?AWSAccessKeyId=REDACTED&X-Goog-Signature=REDACTED&X-Amz-Signature=REDACTED",
            ),
        ] {
            assert_eq!(redactor.url(url), safe);
            assert_eq!(redactor.url(safe), safe);
        }
    }

    #[test]
    fn a_password_is_redacted_whatever_characters_it_has() {
        let redactor = Redaction::new().secret_keys().build();
        for (url, safe) in [
            ("https://user:se/cret@a/b?q=1", "https://…@a/b?…"),
            ("https://user:/secret@a/b", "https://…@a/b"),
            ("https://user:se?cret@a/b", "https://…"),
            ("https://user:se#cret@a/b", "https://…"),
            ("https://user:s/e?c#r@et@a", "https://…"),
            (
                "https://user:se@c/ret@a/b?q=1",
                "https://REDACTED:REDACTED@a/b?q=1",
            ),
            ("user:secret@a:443", "…@a:443"),
        ] {
            assert_eq!(redactor.url(url), safe);
        }
    }

    #[test]
    fn own_keys_hold_in_urls_and_a_list_of_parameters_replaces_all_others() {
        let own = Redaction::new().key("ssn").build();
        assert_eq!(own.query("user_ssn=1&code=2"), "user_ssn=REDACTED&code=2");
        let listed = Redaction::new().secret_keys().parameters(["q"]).build();
        assert_eq!(listed.query("token=1&q=2&Q=3"), "token=1&q=REDACTED&Q=3");
        assert_eq!(listed.query("%71=2"), "%71=REDACTED");
    }

    #[test]
    fn redacted_parameters_and_credentials_are_counted_once() {
        let redactor = Redaction::new().secret_keys().build();
        let url = redactor.url("https://u:p@a/?token=1&sig=2&code=3");
        assert_eq!(redactor.url(&url), url);
        let counts = redactor.counts().into_iter();
        let counts: Vec<_> = counts.map(|count| (count.rule, count.count)).collect();
        let expected = [("token", 1), ("url parameter", 2), ("url credentials", 1)];
        assert_eq!(
            counts,
            expected.map(|(rule, count)| (rule.to_owned(), count))
        );
    }
}
