use super::{
    clause::Clause,
    color::colors_length,
    columns,
    header::{header, schemed},
    key::{Key, word_before},
    options, pairs,
    value::{Value, ValueForm, bare_length, groups_length, quoted, structure},
    words, wrappers,
};
use crate::{
    key_rule::KeyRule,
    key_words::{KeyWords, is_separator},
    prepared::Prepared,
    texts::hits::Hits,
    url::is_secret_parameter,
};
use std::ops::Range;

/// Longer values are not checked for what they say.
const LONGEST_CHECKED: usize = 64;

/// Finds the values that have the key of a rule before them.
pub(in crate::texts) fn find(rules: &Prepared, text: &str, hits: &mut Hits<'_>) {
    options::find(rules, text, hits);
    pairs::find(rules, text, hits);
    wrappers::find(rules, text, hits);
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(['=', ':'])) {
        let separator = from + found;
        from = separator + 1;
        if let Some((value, rule, quotes)) = secret_after(rules, text, separator) {
            from = value.end.max(from);
            hits.push_with_quotes(value.secret, rule.rule as usize, rule.replacement, quotes);
        }
    }
}

/// Returns the secret after a separator, its rule, and the quotes that its replacement needs.
fn secret_after(
    rules: &Prepared,
    text: &str,
    separator: usize,
) -> Option<(Value, KeyRule, Range<usize>)> {
    if let Some((value, rule)) = columns::secret_after(rules, text, separator) {
        return Some((value, rule, 0..0));
    }
    let mut key = Key::before(text, separator)?;
    let bytes = text.as_bytes();
    let is_colon = bytes.get(separator) == Some(&b':');
    let is_parameter = !is_colon && !key.has_space && key.follows_parameter_mark(text);
    let rule = match rule(rules, text.get(key.range.clone())?, is_parameter) {
        Some(rule) => rule,
        None => rule_of_words(rules, text, &mut key)?,
    };
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
    let spaces = spaces_length(rest, key.is_quoted);
    let is_direct = !is_colon && !is_arrow && !key.has_space && spaces == 0;
    let is_certain = is_direct || is_arrow || key.is_quoted;
    let start = start + spaces;
    if words::starts_replaced(&text[start..]) {
        return None;
    }
    let clause = if is_certain {
        Clause::Begins
    } else {
        Clause::before(text, key.start)
    };
    // Parsers have tokens too.
    let is_token = KeyWords::of(name).end_with("token");
    let structure = |at| structure(text, at, clause == Clause::Begins);
    let referenced = start + references_length(&text[start..]);
    let value = quoted(text, referenced)
        .or_else(|| structure(referenced).filter(|_| !is_parameter))
        .or_else(|| header(text, &key, name, start, is_colon))
        .or_else(|| schemed(text, start, is_certain))
        .unwrap_or_else(|| {
            let rest = &text[start..];
            let groups = if rule.keeps_booleans {
                0
            } else {
                groups_length(rest)
            };
            let bare = bare_length(rest, is_parameter, is_direct && !is_parameter);
            Value::bare(start..start + bare.max(groups))
        });
    is_secret(
        text,
        &value,
        clause,
        is_certain,
        is_token,
        rule.keeps_booleans,
    )
    .then(|| {
        // Between brackets, the value of a key in quotes may be JSON.
        let quotes = match value.form {
            ValueForm::Quoted => 0..0,
            _ => key.quotes,
        };
        (value, rule, quotes)
    })
}

/// Returns the length of the signs of references before a value.
fn references_length(text: &str) -> usize {
    let value = text.trim_start_matches('&');
    text.len() - value.strip_prefix("mut ").unwrap_or(value).len()
}

/// Returns the length of the white space before a value. A value on the next line has quotes, or its key has, or it looks random.
fn spaces_length(text: &str, has_quoted_key: bool) -> usize {
    let value = text.trim_start_matches([' ', '\t']);
    let next = value.trim_start();
    let has_quotes = next.trim_start_matches('\\').starts_with(['"', '\'']);
    let is_random = || {
        let ends = |character: char| character.is_whitespace() || matches!(character, '"' | '\\');
        let mut characters = next.char_indices();
        let end = characters
            .by_ref()
            .take(LONGEST_CHECKED)
            .find(|(_, character)| ends(*character));
        let end = end.map_or(characters.offset(), |(at, _)| at);
        let word = next.get(..end).unwrap_or_default();
        !word.contains([':', '=']) && words::looks_random(word)
    };
    let is_below = next.len() < value.len();
    let value = if is_below && (has_quoted_key || has_quotes || is_random()) {
        next
    } else {
        value
    };
    text.len() - value.len()
}

fn rule(rules: &Prepared, name: &str, is_parameter: bool) -> Option<KeyRule> {
    let decoded;
    let name = if name.contains('%') {
        decoded = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
        // A key may follow an encoded separator, as in `%26token=`.
        let begins = |character: char| !character.is_alphanumeric() && !is_separator(character);
        decoded.rsplit(begins).next().unwrap_or_default()
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

/// Returns the rule for a key with up to three words and spaces between them, such as `api key`.
fn rule_of_words(rules: &Prepared, text: &str, key: &mut Key) -> Option<KeyRule> {
    let may_match = |end| {
        let key = text.as_bytes().get(..end);
        key.is_some_and(|key| rules.key_ends().may_match(key))
    };
    if key.is_quoted || !may_match(key.range.end) {
        return None;
    }
    let second = word_before(text, key.start)?;
    let third = word_before(text, second);
    let (start, rule) = [Some(second), third]
        .into_iter()
        .flatten()
        .find_map(|start| {
            let rule = rules.named_key(text.get(start..key.range.end)?)?;
            Some((start, rule))
        })?;
    key.start = start;
    key.range.start = start;
    Some(rule)
}

/// Returns whether a value is secret, or only says something.
fn is_secret(
    text: &str,
    value: &Value,
    clause: Clause,
    is_certain: bool,
    is_token: bool,
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
        ValueForm::Structure => {
            !(words::is_hidden(secret) || is_token && words::is_variant(secret))
        }
        ValueForm::Credentials => true,
        ValueForm::Bare if !is_certain && is_token && words::is_name(secret) => false,
        ValueForm::Bare if is_certain => {
            !(is_boolean || is_nothing || words::is_state(secret) && keeps_booleans)
        }
        ValueForm::Bare => {
            // No word is that long.
            secret.len() > LONGEST_CHECKED
                || words::looks_random(secret)
                || clause == Clause::Begins
                    && words::is_last_word(&text[value.end..])
                    && !words::says_no_secret(secret.trim_end_matches(['.', '!', '?', ':']))
        }
    }
}
