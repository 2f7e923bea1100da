//! What stands in place of one value.

#[cfg(feature = "pseudonyms")]
use crate::pseudonyms::normalized;
use crate::{
    prepared::Prepared,
    replacement::{REDACTED, Replacement},
    url,
};
use std::borrow::Cow;

/// Precedes the last four digits.
const HIDDEN: &str = "****";

impl Prepared {
    /// Returns what stands in place of a text. `None` if nothing does.
    pub(crate) fn replacement_of(
        &self,
        replacement: Replacement,
        text: &str,
    ) -> Option<Cow<'static, str>> {
        match replacement {
            Replacement::Remove => None,
            Replacement::LastFour => Some(last_four(text)),
            #[cfg(feature = "pseudonyms")]
            Replacement::Pseudonym if !is_replaced(text) => {
                let pseudonym = self.pseudonyms().of(&normalized(text));
                Some(pseudonym.map_or(Cow::Borrowed(REDACTED), Cow::Owned))
            }
            _ => Some(Cow::Borrowed(REDACTED)),
        }
    }
}

/// Returns whether a text stands in place of a secret already. A pseudonym cannot be recognised, because secrets can look like it.
pub(crate) fn is_replaced(text: &str) -> bool {
    text == REDACTED || text == url::REDACTED || is_last_four(text)
}

fn is_last_four(text: &str) -> bool {
    text.strip_prefix(HIDDEN)
        .is_some_and(|rest| rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

fn last_four(text: &str) -> Cow<'static, str> {
    if is_last_four(text) {
        return text.to_owned().into();
    }
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    match digits.last_chunk::<4>() {
        // Four of fewer digits would be too much of the secret.
        Some(last) if digits.len() >= 8 => HIDDEN.chars().chain(*last).collect::<String>().into(),
        _ => REDACTED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_four_digits_are_shown_of_at_least_eight() {
        for (text, shown) in [
            ("4111 1111 1111 1234", "****1234"),
            ("DE02 1203 0000 0000 2020 51", "****2051"),
            ("12345678", "****5678"),
            ("1234567", "[redacted]"),
            ("", "[redacted]"),
            ("****1234", "****1234"),
        ] {
            assert_eq!(last_four(text), shown);
        }
    }
}
