//! The values of headers with credentials, which may have spaces.

use super::{
    key::Key,
    value::{Value, ValueForm, bare_length, closing},
    words,
};
use crate::key_words::KeyWords;

/// Schemes of credentials, and whether more than one word follows them.
const SCHEMES: &[(&str, bool)] = &[
    ("basic", false),
    ("bearer", false),
    ("token", false),
    ("apikey", false),
    ("negotiate", false),
    ("digest", true),
    ("aws4-hmac-sha256", true),
    ("signature", true),
    ("hawk", true),
    ("oauth", true),
];

/// The longest name of a cookie, or of a key after a value, that is looked for.
const LONGEST_NAME: usize = 128;

/// Returns the value of a header, which may have spaces.
pub(super) fn header(
    text: &str,
    key: &Key,
    name: &str,
    start: usize,
    is_colon: bool,
) -> Option<Value> {
    let rest = text.get(start..)?;
    let words = KeyWords::of(name);
    if words.end_with("cookie") {
        let mut first = rest.bytes().take(LONGEST_NAME);
        let is_cookie = first.find(|byte| matches!(byte, b'=' | b';' | b' ')) == Some(b'=');
        // Only for cookies, since each look for the end can take as long as the text.
        return is_cookie.then(|| {
            let end = if is_colon {
                header_end(text, key, start)
            } else {
                start + cookies_length(rest)
            };
            Value::bare(start..end)
        });
    }
    if !words.end_with("authorization") {
        return None;
    }
    let end = match scheme(rest) {
        Some((scheme, _)) if words::starts_replaced(rest.get(scheme + 1..)?) => return None,
        Some((_, true)) => header_end(text, key, start),
        Some((scheme, false)) => {
            let credentials = start + scheme + 1;
            let after = text.get(credentials..)?;
            let length = bare_length(after, false, false);
            if length == 0 || words::is_template(after.get(..length)?) {
                return None;
            }
            credentials + length
        }
        None => {
            let clause = clause_length(rest);
            if is_prose(rest.get(..clause)?) {
                return None;
            }
            start + clause
        }
    };
    Some(Value {
        form: ValueForm::Credentials,
        ..Value::bare(start..end)
    })
}

/// Returns credentials after `Bearer` or `Basic`, for any key.
pub(super) fn schemed(text: &str, start: usize, is_certain: bool) -> Option<Value> {
    let rest = text.get(start..)?;
    let (scheme, _) = scheme(rest)?;
    let is_known = ["bearer", "basic"].iter().any(|known| {
        rest.get(..scheme)
            .is_some_and(|name| name.eq_ignore_ascii_case(known))
    });
    let credentials = start + scheme + 1;
    let after = text.get(credentials..)?;
    if !is_known || words::starts_replaced(after) {
        return None;
    }
    let end = credentials + bare_length(after, false, false);
    let is_secret = is_certain || words::is_last_word(text.get(end..)?);
    let word = text.get(credentials..end)?;
    let says_no_secret = words::says_no_secret(word) || words::is_template(word);
    (end > credentials && is_secret && !says_no_secret).then(|| Value {
        form: ValueForm::Credentials,
        ..Value::bare(start..end)
    })
}

/// Returns the length of the scheme at the beginning of a text, and whether more than one word follows it.
fn scheme(text: &str) -> Option<(usize, bool)> {
    let (known, has_parts) = SCHEMES.iter().find(|(known, _)| {
        let scheme = text.get(..known.len());
        let space = text.as_bytes().get(known.len());
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(known)) && space == Some(&b' ')
    })?;
    Some((known.len(), *has_parts))
}

/// Returns the length of cookies with semicolons between them.
fn cookies_length(text: &str) -> usize {
    let mut length = bare_length(text, false, false);
    while let Some(after) = text.get(length..).and_then(|rest| rest.strip_prefix(';')) {
        let next = after.trim_start_matches(' ');
        // A date has spaces.
        let is_date = next
            .get(..8)
            .is_some_and(|name| name.eq_ignore_ascii_case("expires="));
        let cookie = if is_date {
            next.find([';', '"', '\'', '\n', '\r'])
                .unwrap_or(next.len())
        } else {
            bare_length(next, false, false)
        };
        if cookie == 0 {
            break;
        }
        length = text.len() - next.len() + cookie;
    }
    length
}

/// Returns the length of credentials in an unknown form: up to the end of the line, a quote, a bracket, or the next key.
fn clause_length(text: &str) -> usize {
    let is_end =
        |character: char| matches!(character, '\n' | '\r' | '"' | '\'' | '}' | ']' | '\x1b');
    let ends = |(at, character): &(usize, char)| {
        is_end(*character) || *character == ' ' && precedes_key(text, *at)
    };
    let end = text.char_indices().find(ends);
    let end = end.map_or(text.len(), |(at, _)| at);
    let clause = text.get(..end).unwrap_or(text);
    clause.trim_end_matches([' ', ',', '\\']).len()
}

/// Returns whether a key follows the space at a position. After a comma, `key=` may be a part of credentials.
fn precedes_key(text: &str, space: usize) -> bool {
    let (before, after) = text.as_bytes().split_at_checked(space).unwrap_or_default();
    let next = after.get(1..).unwrap_or_default();
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let name = next.iter().take(LONGEST_NAME).take_while(is_name).count();
    match next.get(name..) {
        Some([b'=', ..]) => name > 0 && !before.ends_with(b","),
        Some([b':', b' ', ..]) => name > 0,
        _ => false,
    }
}

/// Returns whether words are a sentence, and no credentials.
fn is_prose(clause: &str) -> bool {
    let mut words = clause.split(' ');
    let first = words.next().unwrap_or_default();
    let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let ends = |word: &str| word.trim_end_matches([',', '.', '!', ';', ':']).to_owned();
    let is_single = clause.len() == first.len();
    is_single
        || words::says_no_secret(&ends(first))
        || is_word(&first) && words.take(2).filter(is_word).count() == 2
}

/// Returns where the line of a header ends. If there is a quote before its name, as in a command, it ends with this quote.
fn header_end(text: &str, key: &Key, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let end = start + line;
    let before = text.as_bytes().get(..key.start).unwrap_or_default();
    match before {
        [before @ .., quote @ (b'"' | b'\'')] => {
            let escapes = before.iter().rev().take_while(|byte| **byte == b'\\');
            let line = text.as_bytes().get(..end).unwrap_or_default();
            closing(line, start, *quote, escapes.count()).map_or(end, |(end, _)| end)
        }
        _ => end,
    }
}
