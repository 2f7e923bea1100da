//! URLs without their secrets.

use crate::w3c::{cut_at, cut_at_each};
use log_files::{UrlParts, redacted};
use std::borrow::Cow;

/// Parameters with secret values, by default. They are in lower case and without `-` and `_`, so that `api_key`, `api-key` and `apiKey`
/// are one parameter.
///
/// They are the parameters that OpenTelemetry's conventions list for `url.query`, those that Datadog's and Sentry's agents redact, and
/// those of OAuth 2.0 and OpenID Connect. `state` is not among them: it is only of use within one browser's session, and more often a
/// filter.
const SECRET: [&str; 39] = [
    "xamzsignature",
    "xamzcredential",
    "xamzsecuritytoken",
    "awsaccesskeyid",
    "signature",
    "sig",
    "xgoogsignature",
    "xgoogcredential",
    "sign",
    "token",
    "accesstoken",
    "authtoken",
    "bearertoken",
    "csrftoken",
    "idtoken",
    "refreshtoken",
    "sessiontoken",
    "securitytoken",
    "jwt",
    "key",
    "apikey",
    "accesskey",
    "appkey",
    "privatekey",
    "secretkey",
    "subscriptionkey",
    "secret",
    "clientsecret",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "auth",
    "authorization",
    "credentials",
    "code",
    "clientassertion",
    "sessionid",
    "jsessionid",
];

const REDACTED: &str = "REDACTED";

/// Replaces user and password.
const CREDENTIALS: &str = "REDACTED:REDACTED";

/// The query parameters to redact.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets {
    /// Replaces [`SECRET`].
    custom: Option<Vec<String>>,
}

impl Secrets {
    pub(super) fn new(parameters: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            custom: Some(parameters.into_iter().map(Into::into).collect()),
        }
    }

    /// Returns a query with `REDACTED` in place of each secret value.
    pub(super) fn redact_query<'q>(&self, query: &'q str) -> Cow<'q, str> {
        let is_secret =
            |parameter: &str| cut_at(parameter, b'=').is_some_and(|(name, _)| self.contains(name));
        if !cut_at_each(query, b'&').any(is_secret) {
            return query.into();
        }
        let redacted = query
            .split('&')
            .map(|parameter| match parameter.split_once('=') {
                Some((name, _)) if self.contains(name) => format!("{name}={REDACTED}").into(),
                _ => Cow::Borrowed(parameter),
            });
        redacted.collect::<Vec<_>>().join("&").into()
    }

    /// Returns a URL without user, password and the values of secret parameters. If the text is not a valid URL, its whole query and its
    /// fragment are removed too.
    pub(super) fn redact(&self, url: &str) -> String {
        let Some(parts) = UrlParts::of_valid(url) else {
            return redacted(url);
        };
        let credentials = if parts.has_credentials {
            CREDENTIALS
        } else {
            ""
        };
        let (mark, query) = parts.query.split_at(parts.query.len().min(1));
        let query = self.redact_query(query);
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

    /// Returns whether a parameter is secret, also if its name is percent-encoded: a server reads `%73ig` as `sig`.
    fn contains(&self, name: &str) -> bool {
        let name = match cut_at(name, b'%') {
            Some(_) => percent_encoding::percent_decode_str(name).decode_utf8_lossy(),
            None => name.into(),
        };
        match &self.custom {
            Some(parameters) => parameters.iter().any(|secret| *secret == name),
            None => {
                let name = name.bytes().filter(|byte| !b"-_".contains(byte));
                let name: Vec<u8> = name.map(|byte| byte.to_ascii_lowercase()).collect();
                SECRET.iter().any(|secret| secret.as_bytes() == name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_and_secret_parameters_are_redacted_in_any_spelling() {
        let secrets = Secrets::default();
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
            assert_eq!(secrets.redact(url), safe);
        }
    }

    #[test]
    fn a_password_is_redacted_whatever_characters_it_has() {
        let secrets = Secrets::default();
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
            assert_eq!(secrets.redact(url), safe);
        }
    }
}
