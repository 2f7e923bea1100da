//! Removes secrets from URLs, and from texts that were meant to be URLs.
//!
//! A password may contain an unescaped `/`, `?`, `#` or `@`. So user and password reach up to the last `@`. Only the path of a URL with a
//! valid host and without user and password may contain an `@`, and so may the query and the fragment of a URL with a valid host.

use std::net::Ipv6Addr;

/// Replaces a secret.
const HIDDEN: &str = "…";

/// Returns a URL, or a text that was meant to be one, without the parts that may be secret: user and password, query and fragment.
///
/// If the last `@` may be within a query, everything after it is hidden too.
pub fn redacted(text: &str) -> String {
    let (scheme, rest) = split_scheme(text);
    let (user, place) = match split_credentials(rest) {
        (Some(credentials), _) if credentials.contains(['?', '#']) => (HIDDEN, ""),
        (Some(_), place) => (HIDDEN, place),
        (None, place) => ("", place),
    };
    let (place, query) = split_before(place, &['?', '#']);
    let query = query.get(..1).map(|mark| format!("{mark}{HIDDEN}"));
    format!("{scheme}{user}{place}{}", query.unwrap_or_default())
}

/// The parts of a valid URL, without user and password.
#[derive(Clone, Copy, Debug)]
pub struct UrlParts<'u> {
    /// The scheme and `://`, or only `//`, or empty if the URL is a path.
    pub scheme: &'u str,
    /// Whether the URL has a user or a password.
    pub has_credentials: bool,
    /// Host, port and path. Starts with `@` if there are credentials.
    pub place: &'u str,
    /// The query with its `?`, or empty.
    pub query: &'u str,
    /// The fragment with its `#`, or empty.
    pub fragment: &'u str,
}

impl<'u> UrlParts<'u> {
    /// Splits a URL. Returns `None` if its host or port is invalid. Its path and query may then be parts of a password, so that only
    /// [`redacted`] makes it safe.
    pub fn of_valid(url: &'u str) -> Option<Self> {
        let (rest, fragment) = split_before(url, &['#']);
        let (rest, query) = split_before(rest, &['?']);
        let (scheme, has_credentials, place) = match split_scheme(rest) {
            ("", path) if path.starts_with('/') && !path.starts_with("//") => ("", false, path),
            ("", rest) => {
                let (credentials, place) = split_valid_host(rest.strip_prefix("//")?)?;
                ("//", credentials.is_some(), place)
            }
            (scheme, rest) => {
                let (credentials, place) = split_valid_host(rest)?;
                (scheme, credentials.is_some(), place)
            }
        };
        Some(Self {
            scheme,
            has_credentials,
            place,
            query,
            fragment,
        })
    }
}

/// Splits what follows the scheme into user and password, and host and path. Returns `None` if host or port is invalid.
fn split_valid_host(rest: &str) -> Option<(Option<&str>, &str)> {
    let (authority, _) = split_before(rest, &['/']);
    let (credentials, host) = split_credentials(authority);
    if !is_host_and_port(host.strip_prefix('@').unwrap_or(host)) {
        return None;
    }
    Some(match credentials {
        // Up to the last `@` of the path, because the password may contain a `/`.
        Some(_) => split_credentials(rest),
        None => (None, rest),
    })
}

/// Splits a text into a scheme with `://`, or an empty text, and the rest.
fn split_scheme(text: &str) -> (&str, &str) {
    match text.split_once("://") {
        Some((scheme, _)) if is_scheme(scheme) => text.split_at(scheme.len() + 3),
        _ => ("", text),
    }
}

/// Splits a text into user and password, if it has any, and the rest, which then starts with `@`.
fn split_credentials(text: &str) -> (Option<&str>, &str) {
    match text.rfind('@') {
        Some(at) => (Some(&text[..at]), &text[at..]),
        None => (None, text),
    }
}

/// Splits a text before the first of these characters. The rest is empty if the text has none of them.
fn split_before<'t>(text: &'t str, marks: &[char]) -> (&'t str, &'t str) {
    text.split_at(text.find(marks).unwrap_or(text.len()))
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.=".contains(&byte))
}

fn is_host_and_port(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_host = match host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && !host.contains([':', '[', ']']),
    };
    is_host && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_password_and_query_are_hidden_whatever_characters_the_password_has() {
        for (text, shown) in [
            (
                "http://collector:4318/v1/traces",
                "http://collector:4318/v1/traces",
            ),
            ("info,shop=debug", "info,shop=debug"),
            ("http://user:secret@host/path", "http://…@host/path"),
            ("http://user:se/cret@host/path", "http://…@host/path"),
            ("http://user:se?cret@host/path", "http://…"),
            ("http://user:se#cret@host/path", "http://…"),
            ("http://user:se@cret@host", "http://…@host"),
            ("loki=http://user:secret@host", "loki=http://…@host"),
            ("http:/user:secret@host", "…@host"),
            ("user:secret@host:3100", "…@host:3100"),
            ("user:x://secret@host", "…@host"),
            ("https://host/path?api_key=secret", "https://host/path?…"),
            ("https://host/path#secret", "https://host/path#…"),
            ("https://host/?a=sec@ret", "https://…"),
            ("", ""),
        ] {
            assert_eq!(redacted(text), shown);
        }
    }

    #[test]
    fn a_url_is_split_only_if_its_host_and_port_are_valid() {
        for url in [
            "http://host",
            "http://host:65535/a@b?c@d#e@f",
            "http://[::1]:80/",
            "http://[::1]",
            "//host/path",
            "/path//a@b",
        ] {
            let parts = UrlParts::of_valid(url).expect("the URL is valid");
            assert!(!parts.has_credentials, "{url}");
            let whole = [parts.scheme, parts.place, parts.query, parts.fragment];
            assert_eq!(whole.concat(), url);
        }
        for (url, place) in [
            ("http://user:secret@host/path?q#f", "@host/path"),
            ("http://user:se@cret@host/path", "@host/path"),
            ("http://user:se@cr/et@host/path", "@host/path"),
            ("//user@host", "@host"),
            ("http://@host", "@host"),
        ] {
            let parts = UrlParts::of_valid(url).expect("the URL is valid");
            assert!(parts.has_credentials, "{url}");
            assert_eq!(parts.place, place);
        }
        for url in [
            "",
            "host:80",
            "http://",
            "http:///path",
            "http:/host",
            "http://user:se/cret@host",
            "http://user:/secret@host",
            "http://user:99999/secret@host",
            "http://user:+1/secret@host",
            "http://user:se?cret@host",
            "http://user:se#cret@host",
            "http://[user:12]/secret@host",
        ] {
            assert!(UrlParts::of_valid(url).is_none(), "{url}");
        }
    }
}
