//! Hides credentials in texts of servers: a server may repeat the credentials of a request in the message of an error.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::{borrow::Cow, cmp::Reverse, fmt};

const HIDDEN: &str = "…";

/// The credentials that an [`Endpoint`](crate::Endpoint) sends, in each form in which a server may repeat them. Its `Debug` output shows
/// none of them.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Returns the secrets in the value of an `Authorization` header.
    pub(crate) fn of_authorization(value: &str) -> Self {
        let (scheme, sent) = value.split_once(' ').unwrap_or(("", value));
        let decoded = STANDARD.decode(sent).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        let mut plain = vec![sent.to_owned()];
        if let (true, Some(pair)) = (scheme != "Bearer", decoded) {
            // The user alone is no secret: it may be a word such as `admin`.
            plain.extend(pair.split_once(':').map(|(_, secret)| secret.to_owned()));
            plain.push(pair);
        }
        let mut all: Vec<String> = plain.iter().flat_map(|text| forms(text)).collect();
        all.retain(|text| !text.is_empty());
        // A secret may be a part of another one.
        all.sort_by_key(|text| Reverse(text.len()));
        all.dedup();
        Self(all)
    }

    /// Returns a text without them.
    #[must_use]
    pub fn hidden_in<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let hide = |text: Cow<'t, str>, secret: &String| match text.contains(secret) {
            true => Cow::Owned(text.replace(secret, HIDDEN)),
            false => text,
        };
        self.0.iter().fold(Cow::Borrowed(text), hide)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// A secret as it is, in base64, in an address, in JSON and in HTML.
fn forms(secret: &str) -> [String; 6] {
    let encoded = STANDARD.encode(secret);
    [
        secret.to_owned(),
        encoded.trim_end_matches('=').to_owned(),
        encoded,
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        secret.replace('\\', "\\\\").replace('"', "\\\""),
        secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;"),
    ]
}

#[cfg(test)]
mod tests {
    use crate::Endpoint;

    #[test]
    fn credentials_are_hidden_in_each_form_in_which_a_server_may_repeat_them() {
        let endpoint = |url| Endpoint::new(url).expect("a valid address");
        let plain = || endpoint("http://a");
        for (endpoint, text, hidden) in [
            (
                endpoint("http://bob:s%26cret@a"),
                "bad: Basic Ym9iOnMmY3JldA== bob:s&cret s&cret s%26cret s&amp;cret bob",
                "bad: Basic … … … … … bob",
            ),
            (
                plain().with_bearer("tok3n"),
                "bad credentials Bearer tok3n, dG9rM24=, dG9rM24",
                "bad credentials Bearer …, …, …",
            ),
            (
                plain().with_api_key("aWQ6a2V5LTE="),
                "no key ApiKey aWQ6a2V5LTE= id:key-1 key-1",
                "no key ApiKey … … …",
            ),
            (
                plain().with_basic("bob", "a\"b"),
                r#"{"sent":"a\"b"}"#,
                r#"{"sent":"…"}"#,
            ),
            (plain().with_basic("bob", ""), "no user bob", "no user bob"),
            (plain(), "Bearer tok3n", "Bearer tok3n"),
        ] {
            assert_eq!(endpoint.secrets().hidden_in(text), hidden);
        }
        assert!(!format!("{:?}", plain().with_bearer("tok3n").secrets()).contains("tok3n"));
    }
}
