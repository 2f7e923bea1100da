use super::{
    clause::Clause,
    color::colors_length,
    key::Key,
    options,
    value::{Value, ValueForm, bare_length, closing, quoted, structure},
    words,
};
use crate::{
    key_rule::KeyRule,
    key_words::KeyWords,
    prepared::Prepared,
    replacement::REDACTED,
    texts::hits::Hits,
    url::{self, is_secret_parameter},
};

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

/// The longest name of a cookie that is looked for.
const LONGEST_COOKIE_NAME: usize = 256;

/// Longer values are not checked for what they say.
const LONGEST_CHECKED: usize = 64;

/// Finds the values that have the key of a rule before them.
pub(in crate::texts) fn find(rules: &Prepared, text: &str, hits: &mut Hits<'_>) {
    options::find(rules, text, hits);
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(['=', ':'])) {
        let separator = from + found;
        from = separator + 1;
        if let Some((value, rule)) = secret_after(rules, text, separator) {
            from = value.end.max(from);
            hits.push(value.secret, rule.rule as usize, rule.replacement);
        }
    }
}

/// Returns the secret after a separator.
fn secret_after(rules: &Prepared, text: &str, separator: usize) -> Option<(Value, KeyRule)> {
    let key = Key::before(text, separator)?;
    let bytes = text.as_bytes();
    let is_colon = bytes.get(separator) == Some(&b':');
    let (key, is_parameter, rule) = with_rule(rules, text, key, is_colon)?;
    let name = text.get(key.range.clone())?;
    let (start, is_arrow) = match bytes.get(separator + 1..)? {
        // A path of Rust, a URL, or a comparison.
        [b':', ..] if is_colon => return None,
        [b'/', b'/', ..] if is_colon => return None,
        [b'=', ..] => return None,
        // The value begins after an encoded space. It was checked when it was decoded.
        [b'%', b'2', b'0', ..] if is_colon => return None,
        [b'>', ..] if !is_colon => (separator + 2, true),
        _ => (separator + 1, false),
    };
    let start = start + colors_length(text.get(start..)?);
    let rest = text.get(start..)?;
    let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let is_direct = !is_colon && !is_arrow && !key.has_space && spaces == 0;
    let is_certain = is_direct || is_arrow || key.is_quoted;
    let start = start + spaces;
    if starts_replaced(&text[start..]) {
        return None;
    }
    let clause = if is_certain {
        Clause::Begins
    } else {
        Clause::before(text, key.start)
    };
    let structure = || structure(text, start, clause == Clause::Begins);
    let value = quoted(text, start)
        .or_else(|| structure().filter(|_| !is_parameter))
        .or_else(|| header(text, &key, name, start, is_colon))
        .unwrap_or_else(|| Value::bare(start..start + bare_length(&text[start..], is_parameter)));
    is_secret(text, &value, clause, is_certain, rule.keeps_booleans).then_some((value, rule))
}

/// Returns a key with its rule, and whether it is a parameter of a query. A letter before the key may belong to an escape.
fn with_rule(
    rules: &Prepared,
    text: &str,
    key: Key,
    is_colon: bool,
) -> Option<(Key, bool, KeyRule)> {
    let found = |key: Key| {
        let is_parameter = !is_colon && !key.has_space && key.follows_parameter_mark(text);
        let rule = rule(rules, text.get(key.range.clone())?, is_parameter)?;
        Some((key, is_parameter, rule))
    };
    let after_escape = key.after_escape(text);
    found(key).or_else(|| found(after_escape?))
}

fn rule(rules: &Prepared, name: &str, is_parameter: bool) -> Option<KeyRule> {
    let decoded;
    let name = if name.contains('%') {
        decoded = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
        &*decoded
    } else {
        name
    };
    rules.named_key(name).or_else(|| {
        let is_secret = is_parameter && is_secret_parameter(name.as_bytes());
        Some(KeyRule {
            rule: u32::try_from(rules.url_parameters()).ok()?,
            replacement: rules.redaction().parameters_replacement,
            keeps_booleans: true,
        })
        .filter(|_| is_secret)
    })
}

/// Returns whether a value is secret, or only says something.
fn is_secret(
    text: &str,
    value: &Value,
    clause: Clause,
    is_certain: bool,
    keeps_booleans: bool,
) -> bool {
    let Some(secret) = text.get(value.secret.clone()) else {
        return false;
    };
    if secret.is_empty() || secret.len() <= LONGEST_CHECKED && words::is_template(secret) {
        return false;
    }
    let is_boolean = matches!(secret, "true" | "false") && keeps_booleans;
    let is_nothing = matches!(secret, "null" | "None" | "none" | "nil" | "undefined");
    match value.form {
        _ if clause == Clause::Complains => {
            secret.len() > LONGEST_CHECKED || words::looks_random(secret)
        }
        ValueForm::Quoted => is_certain || secret.contains(char::is_alphanumeric),
        ValueForm::Structure => true,
        ValueForm::Bare if is_certain => !(is_boolean || is_nothing),
        ValueForm::Bare => {
            // No word is that long.
            secret.len() > LONGEST_CHECKED
                || words::looks_random(secret)
                || clause == Clause::Begins
                    && is_last_word(&text[value.end..])
                    && !words::says_no_secret(secret.trim_end_matches(['.', '!', '?', ':']))
        }
    }
}

/// Returns whether a text starts with what stands in place of a secret.
fn starts_replaced(text: &str) -> bool {
    [REDACTED, url::REDACTED].iter().any(|word| {
        let rest = text.strip_prefix(word);
        rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

/// Returns whether nothing follows a word in its clause.
fn is_last_word(after: &str) -> bool {
    let ends = |next: char| matches!(next, ',' | ';' | '&' | '\n' | '\r' | '"' | '\'' | '\\');
    let closes = |next: char| matches!(next, '}' | ')' | ']');
    // `Debug` has a space before the closing brace.
    after.is_empty() || after.starts_with(ends) || after.trim_start_matches(' ').starts_with(closes)
}

/// Returns the value of a header, which may have spaces.
fn header(text: &str, key: &Key, name: &str, start: usize, is_colon: bool) -> Option<Value> {
    let rest = text.get(start..)?;
    let words = KeyWords::of(name);
    if words.end_with("cookie") {
        let mut first = rest.bytes().take(LONGEST_COOKIE_NAME);
        let is_cookie = first.find(|byte| matches!(byte, b'=' | b';' | b' ')) == Some(b'=');
        let line = || Value::bare(start..header_end(text, key, start));
        return (is_colon && is_cookie).then(line);
    }
    if !words.end_with("authorization") {
        return None;
    }
    let (scheme, has_parts) = SCHEMES.iter().find(|(known, _)| {
        let scheme = rest.get(..known.len());
        let space = rest.as_bytes().get(known.len());
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(known)) && space == Some(&b' ')
    })?;
    if starts_replaced(rest.get(scheme.len() + 1..)?) {
        return None;
    }
    let end = if *has_parts {
        header_end(text, key, start)
    } else {
        let credentials = start + scheme.len() + 1;
        credentials + bare_length(text.get(credentials..)?, false)
    };
    Some(Value::bare(start..end))
}

/// Returns where the line of a header ends. If there is a quote before its name, as in a command, it ends with this quote.
fn header_end(text: &str, key: &Key, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let line = rest.get(..line).unwrap_or(rest);
    let escape = line.find("\\r").or_else(|| line.find("\\n"));
    let end = start + escape.unwrap_or(line.len());
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
