//! Removes secrets from messages.

/// Replaces a secret.
const HIDDEN: &str = "…";

/// Returns a URL, or a text that was meant to be one, without the parts that may be secret: user and password, query and fragment.
///
/// A password may contain an unescaped `/`, `?` or `#`. So everything up to the last `@` is hidden. If that `@` may be within a query,
/// everything after it is hidden too.
pub fn redacted(text: &str) -> String {
    let (scheme, place) = match text.split_once("://") {
        Some((scheme, place)) if is_scheme(scheme) => (&text[..scheme.len() + 3], place),
        _ => ("", text),
    };
    let (user, place) = match place.rfind('@') {
        Some(at) if place[..at].contains(['?', '#']) => (HIDDEN, ""),
        Some(at) => (HIDDEN, &place[at..]),
        None => ("", place),
    };
    let query = place.find(['?', '#']).unwrap_or(place.len());
    let (place, query) = place.split_at(query);
    let query = query.get(..1).map(|mark| format!("{mark}{HIDDEN}"));
    format!("{scheme}{user}{place}{}", query.unwrap_or_default())
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.=".contains(&byte))
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
}
