use std::borrow::Cow;

/// Returns the text of the inside of a JSON string that this crate has escaped. Returns `None` if it is not such text.
pub(super) fn unescaped(escaped: &[u8]) -> Option<Cow<'_, str>> {
    let escaped = std::str::from_utf8(escaped).ok()?;
    let Some(first) = escaped.find('\\') else {
        return Some(Cow::Borrowed(escaped));
    };
    let mut text = String::with_capacity(escaped.len());
    text.push_str(&escaped[..first]);
    let mut rest = &escaped[first..];
    while let Some(backslash) = rest.find('\\') {
        text.push_str(&rest[..backslash]);
        let mut after = rest[backslash + 1..].chars();
        text.push(match after.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let digits = after.as_str().get(..4)?;
                after = after.as_str()[4..].chars();
                // Only controls are escaped like this, so no pair of surrogates occurs.
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            other => other,
        });
        rest = after.as_str();
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::push_escaped;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn escaped_text_is_read_back(text in "([\x00-\x1f\u{7f}-\u{9f}\u{202a}-\u{202e}\"\\\\]|\\PC){0,20}") {
            let mut escaped = Vec::new();
            push_escaped(&mut escaped, &text);
            let text = Some(text.into());
            prop_assert_eq!(unescaped(&escaped), text);
        }
    }

    #[test]
    fn text_that_ends_within_an_escape_is_rejected() {
        for escaped in [&br"a\"[..], br"\u00", br"\uzzzz", b"\xff"] {
            assert_eq!(unescaped(escaped), None);
        }
    }
}
