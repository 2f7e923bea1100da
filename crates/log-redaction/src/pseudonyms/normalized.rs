//! One form of each value, so that it has the same pseudonym however it was written.

use std::{borrow::Cow, net::IpAddr};

/// Returns the text of which a pseudonym is computed: without the quotes and escapes of `Debug`, without `Some(…)`, with e-mail addresses in
/// lower case, and with IP addresses in their shortest form.
pub(crate) fn normalized(text: &str) -> Cow<'_, str> {
    let inside = text
        .strip_prefix("Some(")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(text);
    let value = match quoted(inside) {
        Some(inside) => unescaped(inside),
        None => inside.into(),
    };
    if let Ok(address) = value.parse::<IpAddr>() {
        return address.to_canonical().to_string().into();
    }
    if is_email(&value) {
        return value.to_lowercase().into();
    }
    value
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

fn is_email(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(['@', ':', '/', ' ']);
    text.split_once('@')
        .is_some_and(|(user, host)| is_part(user) && is_part(host) && host.contains('.'))
}

/// Undoes the escapes of `Debug`. Others stay as they are.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let (character, length) = escape(after).unwrap_or(('\\', 0));
        out.push(character);
        rest = after.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out.into()
}

/// Returns the character of an escape, and the length of the escape without its backslash.
fn escape(after: &str) -> Option<(char, usize)> {
    let character = match after.chars().next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        same @ ('"' | '\'' | '\\') => same,
        'u' => {
            let (digits, _) = after.strip_prefix("u{")?.split_once('}')?;
            let code = u32::from_str_radix(digits, 16).ok()?;
            return Some((char::from_u32(code)?, "u{}".len() + digits.len()));
        }
        _ => return None,
    };
    Some((character, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_values_are_equal_in_all_their_forms() {
        for (one, other) in [
            ("Ada@Example.COM", "ada@example.com"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("Some(7)", "7"),
            (r#"Some("203.0.113.7")"#, "203.0.113.7"),
        ] {
            assert_eq!(normalized(one), normalized(other));
        }
    }

    #[test]
    fn different_values_stay_different() {
        for (one, other) in [
            ("Ada", "ada"),
            ("Ada@host", "ada@host"),
            ("https://a.b/@C.d", "https://a.b/@c.d"),
            (r"a\nb", "a\nb"),
            ("\"", ""),
        ] {
            assert_ne!(normalized(one), normalized(other));
        }
    }

    proptest! {
        #[test]
        fn the_debug_form_of_a_text_is_normalized_as_the_text_is(text in "(\\PC|[\"\\\\\n]){0,12}") {
            // A text that looks like a `Debug` form itself is the only exception.
            prop_assume!(normalized(&text) == text);
            for form in [format!("{text:?}"), format!("{:?}", Some(&text))] {
                prop_assert_eq!(normalized(&form), &*text);
            }
        }
    }
}
