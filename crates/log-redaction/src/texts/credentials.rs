//! Tells credentials from words.

/// A token without a dot is only taken for a JSON Web Token from this length on: its header may have certificates, and it may be cut.
const LONG: usize = 8 << 10;

/// Returns whether a text that begins with `eyJ` is a JSON Web Token, and not any other JSON in base64. It has two or three parts of JSON and
/// signature, or five parts if it is encrypted.
pub(super) fn is_jwt(text: &str) -> bool {
    let mut parts = text.split('.');
    let header = parts.next().unwrap_or_default();
    let Some(second) = parts.next() else {
        return text.len() >= LONG;
    };
    // `eyJhIjoxfQ` is the shortest header with a value.
    header.len() >= 10
        && (second.starts_with("eyJ") || parts.next().is_some_and(|third| !third.is_empty()))
}

/// Returns whether a text is user and password in base64.
pub(super) fn is_basic(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let mut colon = false;
    let (mut bits, mut count) = (0_u32, 0);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            let byte = (bits >> count & 0xff) as u8;
            if byte.is_ascii_control() {
                return false;
            }
            colon |= byte == b':';
        }
    }
    colon
}

/// Returns whether a text after `Bearer` is a token, and no word of a sentence.
pub(super) fn is_bearer(text: &str) -> bool {
    const WORDS: [&str; 4] = [
        "AUTHENTICATION",
        "AUTHORIZATION",
        "CREDENTIAL",
        "CREDENTIALS",
    ];
    let is_capital = text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_long = text.len() >= 20 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    looks_random(text) || is_long || is_capital && !WORDS.contains(&text)
}

/// Returns whether a text is no word: it has digits among its letters, or signs, or its case changes as it does not in names.
pub(super) fn looks_random(text: &str) -> bool {
    if text.len() < 6 {
        return false;
    }
    let (mut digits, mut others, mut signs, mut changes) = (0, 0, 0, 0);
    let mut before = b' ';
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'=' | b'~' => {
                signs += 1
            }
            _ => others += 1,
        }
        if byte.is_ascii_uppercase() && before.is_ascii_lowercase() {
            changes += 1;
        }
        before = byte;
    }
    // A sign at the end is punctuation.
    let ends_with_sign = !before.is_ascii_alphanumeric();
    let has_sign_within = signs > usize::from(ends_with_sign);
    digits >= 6 || digits > 0 && others + signs > 0 || has_sign_within || changes >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_from_words() {
        for text in ["dXNlcjpwYXNz", "dXNlcjpwYXNzd29yZA==", "YTpi"] {
            assert!(is_basic(text), "{text}");
        }
        for text in ["functionality", "authentication", "auth", "level1"] {
            assert!(!is_basic(text), "{text}");
        }
        for text in ["hunter2", "a1b2c3", "123456", "aBcDeFgH", "pa$word"] {
            assert!(looks_random(text), "{text}");
        }
        for text in [
            "must",
            "authentication",
            "ConnectionReset",
            "expected!",
            "12345",
            "a1",
            "re-authenticate",
        ] {
            assert!(!looks_random(text), "{text}");
        }
    }
}
