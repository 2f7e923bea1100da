//! Pairs of a name and a value, such as `("password", "x")` and `Header { name: "cookie", value: "x" }`.

use super::{
    key::Key,
    value::{Value, quoted, structure},
    words,
};
use crate::{key_rule::KeyRule, prepared::Prepared, texts::hits::Hits};

/// The keys of a name, before its value. In lower case, and the longest first.
const NAMES: [&str; 3] = ["header", "name", "key"];

/// Finds the values of pairs.
pub(super) fn find(rules: &Prepared, text: &str, hits: &mut Hits<'_>) {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(',')) {
        let comma = from + found;
        from = comma + 1;
        if let Some((value, rule)) = secret_after(rules, text, comma) {
            from = value.end.max(from);
            let secret = text.get(value.secret.clone()).unwrap_or_default();
            if !words::is_template(secret) {
                hits.push(value.secret, rule.rule as usize, rule.replacement);
            }
        }
    }
}

fn secret_after(rules: &Prepared, text: &str, comma: usize) -> Option<(Value, KeyRule)> {
    let before = text.get(..comma)?;
    if !before.ends_with(['"', '\'']) {
        return None;
    }
    let name = Key::before(text, comma)?;
    let rule = rules.named_key(text.get(name.range)?)?;
    let before = text.get(..name.start)?.trim_end();
    let value = if before.ends_with(['(', '[']) {
        second(rules, text, comma)
    } else if ends_with_name_key(before) {
        named(text, comma)
    } else {
        None
    };
    Some((value?, rule))
}

/// Returns the second value of a pair. A list of names is no pair.
fn second(rules: &Prepared, text: &str, comma: usize) -> Option<Value> {
    let start = skip_space(text, comma + 1);
    let Some(value) = quoted(text, start) else {
        return structure(text, start, false);
    };
    let end = skip_space(text, value.end);
    let is_last = text.get(end..)?.starts_with([')', ']']) || end == text.len();
    let is_name = rules.named_key(text.get(value.secret.clone())?).is_some();
    (is_last && !is_name).then_some(value)
}

/// Returns the value of a name, after the key `value`.
fn named(text: &str, comma: usize) -> Option<Value> {
    let is_quote = |character: char| matches!(character, '\\' | '"' | '\'');
    let key = text.get(skip_space(text, comma + 1)..)?;
    let after = key.trim_start_matches(is_quote).strip_prefix("value")?;
    let separator = after.trim_start_matches(is_quote).trim_start_matches(' ');
    let value = separator.strip_prefix([':', '='])?;
    let start = skip_space(text, text.len() - value.len());
    quoted(text, start).or_else(|| structure(text, start, true))
}

/// Returns whether a text ends with the key of a name.
fn ends_with_name_key(before: &str) -> bool {
    let Some(key) = before.strip_suffix([':', '=']) else {
        return false;
    };
    let key = key.trim_end_matches([' ', '"', '\'', '\\']);
    NAMES.iter().any(|name| {
        let start = key.len().saturating_sub(name.len());
        let last = key.get(start..);
        last.is_some_and(|last| last.eq_ignore_ascii_case(name))
    })
}

fn skip_space(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.len() - rest.trim_start().len()
}
